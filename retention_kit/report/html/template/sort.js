// A long table can be sorted by a column: the headings become buttons, and the third press brings the first order back.
// The page says the kind of each column, and the key of each cell that is not its own text; an empty key goes last.
(() => {
  const words = new Intl.Collator(document.documentElement.lang, {numeric: true, sensitivity: "base"});
  const kinds = {number: (x, y) => Number(x) - Number(y), text: words.compare};

  const key = cell => cell.dataset.key ?? cell.textContent.trim();

  const comparing = (column, kind, sign) => (one, other) => {
    const x = key(one.cells[column]), y = key(other.cells[column]);
    if (x === "" || y === "") return (x === "") - (y === "");
    return sign * kinds[kind](x, y);
  };

  const rows = body => [...body.rows].filter(row => row.dataset.total === undefined);

  const sort = (heading, headings, body, asItCame) => {
    const next = {ascending: "descending", descending: null}[heading.getAttribute("aria-sort")];
    for (const other of headings) other.removeAttribute("aria-sort");
    if (next !== null) heading.setAttribute("aria-sort", next ?? "ascending");
    const order = comparing(heading.cellIndex, heading.dataset.sort, next === "descending" ? -1 : 1);
    body.prepend(...(next === null ? asItCame : rows(body).sort(order)));  // totals stay behind them
  };

  for (const table of document.querySelectorAll("table[data-sortable]")) {
    const body = table.tBodies[0], headings = table.querySelectorAll("th[data-sort]"), asItCame = rows(body);
    for (const heading of headings) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => sort(heading, headings, body, asItCame));
    }
  }
})();
