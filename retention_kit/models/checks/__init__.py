"""How well the models forecast, and tables that show whether they fit."""
