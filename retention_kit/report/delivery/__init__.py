"""What is sent or drafted after a month: mails and webhooks."""
