// What a page does by itself: tables are sorted and searched, and the marks of figures say their value.
// Without this script every row, every value and every title is still on the page.
(() => {
  const words = new Intl.Collator(document.documentElement.lang, {numeric: true, sensitivity: "base"});
  const make = (name, values) => Object.assign(document.createElement(name), values);

  // Sorting: headings of long tables become buttons. Numbers are first sorted from the largest, texts from A; the second
  // press turns the order, and the third brings the first one back. The page says the kind of each column, and the key of
  // each cell that is not its own text; an empty key goes last.
  const kinds = {number: (x, y) => Number(x) - Number(y), text: words.compare};
  const key = cell => cell.dataset.key ?? cell.textContent.trim();
  const rows = body => [...body.rows].filter(row => row.dataset.total === undefined);

  const comparing = (column, kind, sign) => (one, other) => {
    const x = key(one.cells[column]), y = key(other.cells[column]);
    if (x === "" || y === "") return (x === "") - (y === "");
    return sign * kinds[kind](x, y);
  };

  const sort = (heading, headings, body, asItCame) => {
    const states = heading.dataset.sort === "number" ? ["descending", "ascending"] : ["ascending", "descending"];
    const next = states[states.indexOf(heading.getAttribute("aria-sort")) + 1] ?? null;
    for (const other of headings) other.removeAttribute("aria-sort");
    if (next !== null) heading.setAttribute("aria-sort", next);
    const order = comparing(heading.cellIndex, heading.dataset.sort, next === "descending" ? -1 : 1);
    body.prepend(...(next === null ? asItCame : rows(body).sort(order)));  // totals stay behind them
  };

  for (const table of document.querySelectorAll("table[data-sortable]")) {
    const body = table.tBodies[0], headings = table.querySelectorAll("th[data-sort]"), asItCame = rows(body);
    for (const heading of headings) {
      const button = make("button", {type: "button"});
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => sort(heading, headings, body, asItCame));
    }
  }

  // Searching: a table with data-search (the label of the box) gets a box above it. It keeps the rows that contain every
  // word, and says how many: data-found is a text with # for that number, such as "# of 91 customers".
  const letters = {ł: "l", ø: "o", đ: "d", ß: "ss", æ: "ae", œ: "oe"};  // no accent can be taken off these
  const plain = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[łøđßæœ]/g, letter => letters[letter]);

  const search = table => {
    const all = [...table.tBodies].flatMap(body => [...body.rows]);
    const texts = all.map(row => plain(`${row.textContent} ${row.cells[0]?.dataset.key ?? ""}`));
    const bar = make("div", {className: "search"}), label = make("label", {textContent: table.dataset.search});
    const box = make("input", {type: "search", autocomplete: "off"}), count = make("output", {});
    label.append(box);
    bar.append(label, count);
    (table.closest(".table") ?? table).before(bar);
    const show = () => {
      const asked = plain(box.value).split(/\s+/).filter(word => word);
      let found = 0;
      all.forEach((row, i) => {
        const total = row.dataset.total !== undefined;
        row.hidden = asked.length > 0 && (total || !asked.every(word => texts[i].includes(word)));
        found += !row.hidden && !total;
      });
      count.textContent = (table.dataset.found ?? "#").replace("#", found.toLocaleString(document.documentElement.lang));
    };
    box.addEventListener("input", show);
    show();
  };

  document.querySelectorAll("table[data-search]").forEach(search);

  // Figures: every mark has a title, which without this script is the browser's own tip. Here it is shown at once: under
  // the pointer, at a tap, or by the arrow keys while the figure has the focus. Its first line is the value.
  const tip = make("div", {className: "tip"});
  tip.setAttribute("role", "status");
  document.body.append(tip);
  let current = null;

  const hide = () => {
    current?.classList.remove("on");
    current = null;
    tip.replaceChildren();
  };

  const show = mark => {
    if (mark === current) return;
    hide();
    current = mark;
    mark.classList.add("on");
    const [value, ...rest] = mark.dataset.t.split("\n");
    tip.append(make("b", {textContent: value}), ...rest.map(line => make("span", {textContent: line})));
    const at = mark.getBoundingClientRect(), size = tip.getBoundingClientRect();
    const left = Math.min(Math.max(at.left + at.width / 2 - size.width / 2, 8), document.documentElement.clientWidth - size.width - 8);
    const above = at.top - size.height - 8;
    const top = above > 8 ? above : Math.min(at.bottom + 8, innerHeight - size.height - 8);
    tip.style.left = `${Math.max(left, 8)}px`;
    tip.style.top = `${Math.max(top, 8)}px`;
  };

  const centre = mark => {
    const box = mark.getBoundingClientRect();
    return [box.left + box.width / 2, box.top + box.height / 2];
  };

  const nearest = (marks, x, y, most) => {
    let best = null, least = most;
    for (const mark of marks) {
      const [a, b] = centre(mark), distance = Math.hypot(a - x, b - y);
      if (distance <= least) [best, least] = [mark, distance];
    }
    return best;
  };

  const arrows = {ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1]};

  // The next mark in a direction: along a row, or within the same series, before anything else.
  const next = (marks, [dx, dy]) => {
    const [x, y] = centre(current), series = current.parentNode;
    const ahead = marks.map(mark => [mark, ...centre(mark)])
      .map(([mark, a, b]) => [mark, (a - x) * dx + (b - y) * dy, Math.abs((a - x) * dy) + Math.abs((b - y) * dx)])
      .filter(([, along]) => along > .5);
    const own = dx ? ahead.filter(([mark, , across]) => across < 2 || mark.parentNode === series) : ahead;
    const cost = ([mark, along, across]) => along + (dx && mark.parentNode === series ? 0 : 3 * across);
    return (own.length ? own : ahead).reduce((best, one) => best && cost(best) <= cost(one) ? best : one, null)?.[0];
  };

  const read = figure => {
    for (const title of figure.querySelectorAll("title")) {
      title.parentNode.dataset.t = title.textContent;
      title.remove();
    }
    for (const mark of figure.querySelectorAll("[title]")) {
      mark.dataset.t = mark.title;
      mark.removeAttribute("title");
    }
    const marks = [...figure.querySelectorAll("[data-t]")];
    if (!marks.length) return;
    const seen = () => marks.filter(mark => mark.getClientRects().length);
    const point = event => {
      const mark = event.target.closest("[data-t]") ?? nearest(marks, event.clientX, event.clientY, 20);
      if (mark) show(mark); else hide();
    };
    figure.addEventListener("pointermove", point);
    figure.addEventListener("pointerdown", point);
    figure.addEventListener("pointerleave", event => event.pointerType === "mouse" && hide());
    figure.addEventListener("blur", hide);
    figure.addEventListener("keydown", event => {
      if (event.key === "Escape") return hide();
      const first = {Home: 0, End: -1}[event.key], direction = arrows[event.key];
      if (first === undefined && !direction) return;
      event.preventDefault();
      const there = seen();
      const mark = first !== undefined || !there.includes(current) ? there.at(first ?? 0) : next(there, direction);
      if (!mark) return;
      if (!inWindow(mark)) mark.scrollIntoView({block: "center", inline: "nearest", behavior: "instant"});
      keyed = performance.now();
      show(mark);
    });
  };

  const inWindow = mark => {
    const box = mark.getBoundingClientRect();
    return box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth;
  };

  let keyed = -1e9;  // when a key last moved the page to a mark: that scrolling does not close the tip
  addEventListener("scroll", () => performance.now() - keyed > 300 && hide(), {capture: true, passive: true});
  addEventListener("keydown", event => event.key === "Escape" && hide());
  addEventListener("pointerdown", event => event.target.closest?.(".figure") || hide());
  document.querySelectorAll("svg.figure[tabindex], div.figure[tabindex]").forEach(read);
})();
