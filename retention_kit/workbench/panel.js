// The workbench's panel: choices are sent to the kernel, its answers are shown. Text from data is only ever set as text.
const MEASURES = { share: "Share", customers: "Customers", money: "Revenue", so_far: "Revenue per customer so far" };

function node(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

function drawn(name, attributes, title = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (title) made.append(Object.assign(document.createElementNS("http://www.w3.org/2000/svg", "title"), { textContent: title }));
  return made;
}

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const share = new Intl.NumberFormat("en", { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });

function moneyFormat(currency) {
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency, maximumFractionDigits: 0 });
  } catch {
    return whole; // without a currency, or with a code that the browser does not know
  }
}

function render({ model, el }) {
  const options = model.get("options"), money = moneyFormat(options.currency ?? undefined);
  const spent = value => money.format(Math.abs(value) < 0.5 ? 0 : value);
  const ways = { share: x => share.format(x), customers: x => whole.format(x), money: spent, so_far: spent };
  let choice = { ...model.get("answer").choice }, measure = "share", number = 0, busy = false, waiting = false, selected = null;

  const root = node("div", { class: "rk-workbench", role: "group", "aria-label": "Workbench of cohorts" });
  const select = (label, name, entries, change) => {
    const box = node("select", { name, onchange: () => change(box.value) });
    for (const [value, text] of entries) box.append(node("option", { value }, text));
    return [node("label", {}, label, box), box];
  };
  const set = change => { choice = { ...choice, ...change }; ask(); };
  const [periodLabel, periodBox] = select("Period", "period", options.periods.map(p => [p, p]), v => set({ period: v }));
  const [definitionLabel, definitionBox] = select("Returned means", "definition", Object.entries(options.definitions), v => set({ definition: v }));
  const columns = [["", "everybody"], ...options.dimensions.map(d => [d, d])];
  const [columnLabel, columnBox] = select("Customers by", "by", columns, v => set({ by: v || null, value: null }));
  const [valueLabel, valueBox] = select("of", "value", [], v => set({ value: v }));
  const lapseBox = node("input", { type: "number", name: "lapse_after", min: 1, step: 1, placeholder: "none",
    onchange: () => { if (lapseBox.reportValidity()) set({ lapse_after: lapseBox.value === "" ? null : Number(lapseBox.value) }); } });
  const dayBox = node("input", { type: "date", name: "as_of", required: true, min: options.first_day,
    onchange: () => { if (dayBox.reportValidity()) set({ as_of: dayBox.value }); } });
  const status = node("p", { class: "status", role: "status" }), error = node("p", { class: "error", role: "alert" });
  const notes = node("div"), map = node("div"), figures = node("div", { class: "figures" }), periods = node("div");
  const list = node("section", { class: "list", "aria-live": "polite" }), code = node("section");
  const measures = node("fieldset", { "aria-label": "Measure of the map" });
  for (const [name, text] of Object.entries(MEASURES)) {
    const radio = node("input", { type: "radio", name: `measure-${model.model_id ?? "0"}`, value: name,
      onchange: () => { measure = name; drawMap(); } });
    radio.checked = name === measure;
    measures.append(node("label", {}, radio, text));
  }
  root.append(
    node("div", { class: "controls" }, periodLabel, definitionLabel, columnLabel, valueLabel,
      node("label", {}, "Lost after days", lapseBox), node("label", {}, "Up to", dayBox)),
    ...(options.left_out ? [node("p", { class: "note" }, options.left_out)] : []),
    status, error, notes, node("div", { class: "results" }, measures, map, list, figures, periods, code));
  el.append(root);

  function ask() { // one question at a time: while the kernel works, only the latest choice waits
    root.classList.add("busy");
    root.setAttribute("aria-busy", "true");
    status.textContent = "Working …";
    if (busy) { waiting = true; return; }
    busy = true;
    number += 1;
    model.set("request", { ...choice, number });
    model.save_changes();
  }

  function answered() {
    busy = false;
    if (waiting) { waiting = false; ask(); return; }
    root.classList.remove("busy");
    root.removeAttribute("aria-busy");
    const answer = model.get("answer");
    error.textContent = answer.error ?? "";
    for (const part of [map, figures, periods, code, list, notes]) part.replaceChildren();
    measures.hidden = Boolean(answer.error);
    selected = null;
    if (answer.error) { status.textContent = ""; return; }
    choice = { ...answer.choice };
    periodBox.value = choice.period;
    definitionBox.value = choice.definition;
    columnBox.value = choice.by ?? "";
    valueBox.replaceChildren(...answer.values.map(v => node("option", { value: v }, v)));
    valueLabel.hidden = !choice.by;
    if (choice.by) valueBox.value = choice.value;
    lapseBox.value = choice.lapse_after ?? "";
    dayBox.value = choice.as_of;
    status.textContent = `${answer.summary}, in ${answer.seconds} s.`;
    notes.append(...answer.notes.map(text => node("p", { class: "note" }, text)));
    drawMap();
    drawCurve(answer.curve);
    drawMoney(answer.periods);
    drawPeriods(answer.periods);
    showCode(code, "Code of these tables", answer.code);
  }

  function drawMap() {
    const { cohorts, ages, cells, complete, all_cohorts, all_ages } = model.get("answer").map;
    const values = cells[measure], per = choice.period;
    const seen = values.flatMap((row, i) => row.filter((x, j) => x !== null && (ages[j].age > 0 || measure !== "share")));
    const most = Math.max(...seen, 0), step = x => (most > 0 ? Math.max(0, Math.min(6, Math.floor((7 * x) / most))) : 0);
    const body = node("tbody");
    cohorts.forEach((cohort, i) => {
      const row = node("tr", {}, node("th", { scope: "row" }, button(cohort, null, `${cohort.label} · ${whole.format(cohort.size)}`,
        `Cohort ${cohort.label}: list its ${whole.format(cohort.size)} customers`)));
      ages.forEach((age, j) => {
        const value = values[i][j];
        if (value === null) { row.append(node("td")); return; }
        const open = !complete[i][j], text = ways[measure](value);
        const said = `Cohort ${cohort.label}, age ${age.label}: ${MEASURES[measure].toLowerCase()} ${text}, ` +
          `${whole.format(cells.customers[i][j] ?? 0)} of ${whole.format(cohort.size)} customers${open ? ", not over yet" : ""}`;
        row.append(node("td", {}, button(cohort, age, text, said, `s${step(value)}${open ? " open" : ""}`)));
      });
      body.append(row);
    });
    const part = all_cohorts > cohorts.length || all_ages > ages.length
      ? [node("p", { class: "note" }, `Shown are the latest ${cohorts.length} of ${all_cohorts} cohorts and the first ${ages.length} of ${all_ages} ages; the code makes all.`)] : [];
    const head = node("tr", {}, node("th", { scope: "col" }, "First order · customers"), ...ages.map(a => node("th", { scope: "col" }, a.label)));
    map.replaceChildren(
      node("h3", {}, `${MEASURES[measure]} by cohort and ${per}s since the first order`),
      node("div", { class: "scroll", onkeydown: move }, node("table", { class: "map" }, node("thead", {}, head), body)),
      node("p", { class: "note" }, "Arrow keys move, Enter lists the customers. Dotted: the period is not over yet."), ...part);
    const first = map.querySelector("button");
    if (first) first.tabIndex = 0;
    mark();
  }

  function button(cohort, age, text, said, kind = "") {
    return node("button", { type: "button", class: kind, tabindex: -1, title: said, "aria-label": said, "aria-pressed": "false",
      "data-cohort": cohort.day, "data-age": age ? age.age : "", onclick: () => {
        selected = { cohort: cohort.day, age: age ? age.age : null, text: said.split(":")[0] };
        mark();
        list.replaceChildren(node("p", { class: "status" }, "Listing customers …"));
        number += 1;
        selected.number = number;
        model.set("question", { choice, cohort: selected.cohort, age: selected.age, number });
        model.save_changes();
      } }, text);
  }

  function mark() {
    for (const b of map.querySelectorAll("button")) {
      const here = selected && b.dataset.cohort === selected.cohort && b.dataset.age === String(selected.age ?? "");
      b.setAttribute("aria-pressed", here ? "true" : "false");
    }
  }

  function move(event) { // one stop of the tab key; arrows go from cell to cell
    const steps = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
    const cell = event.target.closest("td, th");
    if (!steps || !cell) return;
    event.preventDefault();
    event.stopPropagation();
    const row = cell.parentElement, next = steps[0] > 0 ? row.nextElementSibling : steps[0] < 0 ? row.previousElementSibling : row;
    const target = next?.children[cell.cellIndex + steps[1]]?.querySelector("button");
    if (!target) return;
    event.target.tabIndex = -1;
    target.tabIndex = 0;
    target.focus();
  }

  function listed() {
    const listing = model.get("listing");
    if (!selected || listing.number !== selected.number) return;
    if (listing.error) { list.replaceChildren(node("p", { class: "error", role: "alert" }, listing.error)); return; }
    const names = { customer_id: "Customer", orders: "Orders", revenue: "Revenue", first_order: "First order", last_order: "Last order", days_since_last: "Days since" };
    const show = { orders: whole.format, revenue: spent, days_since_last: whole.format };
    const rows = listing.rows.map(row => node("tr", {}, ...Object.keys(names).map(name => {
      const text = row[name] === null ? "" : (show[name] ?? String)(row[name]);
      return name === "customer_id" ? node("th", { scope: "row" }, text) : node("td", {}, text);
    })));
    const some = listing.rows.length < listing.all ? `, the first ${listing.rows.length} by revenue` : "";
    list.replaceChildren(
      node("h3", {}, `${selected.text}: ${whole.format(listing.all)} ${listing.all === 1 ? "customer" : "customers"}${some}`),
      node("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Customers" }, node("table", {},
        node("thead", {}, node("tr", {}, ...Object.values(names).map(text => node("th", { scope: "col" }, text)))), node("tbody", {}, ...rows))));
    showCode(list, "Code of the whole list", listing.code);
  }

  function drawCurve(curve) {
    const points = curve.filter(p => p.age > 0 && p.pooled_mean !== null);
    if (!points.length) { figures.append(node("p", { class: "note" }, "No age after the first is complete, so there is no curve yet.")); return; }
    const last = Math.max(...points.map(p => p.age), 1), most = Math.max(...points.map(p => p.high ?? p.pooled_mean), 0.01);
    const x = age => 40 + (380 * age) / last, y = v => 170 - (150 * v) / most;
    const svg = frame(`Share of all cohorts who returned, by age, with 95 % intervals`, [0, most], y, v => share.format(v));
    svg.append(drawn("path", { class: "band", d: `M${[...points.map(p => [x(p.age), y(p.high)]), ...[...points].reverse().map(p => [x(p.age), y(p.low)])].map(p => p.join(" ")).join("L")}Z` }),
      drawn("path", { class: "line", d: `M${points.map(p => `${x(p.age)} ${y(p.pooled_mean)}`).join("L")}` }));
    for (const p of points) {
      const said = `Age ${p.age}: ${share.format(p.pooled_mean)} (${share.format(p.low)} to ${share.format(p.high)}) of ${whole.format(p.size)} customers`;
      svg.append(drawn("circle", { class: "dot", r: 3, cx: x(p.age), cy: y(p.pooled_mean) }, said));
    }
    for (const p of points.filter((_, i) => i % Math.ceil(points.length / 8) === 0)) svg.append(write(x(p.age), 186, p.age, "middle"));
    const rows = points.map(p => node("tr", {}, ...[whole.format(p.age), share.format(p.pooled_mean), `${share.format(p.low)} – ${share.format(p.high)}`, whole.format(p.size)].map(t => node("td", {}, t))));
    figures.append(node("section", {}, node("h3", {}, "Retention of all complete cohorts"), svg, node("details", {}, node("summary", {}, "Values"),
      node("table", {}, node("thead", {}, node("tr", {}, ...["Age", "Share", "95 % interval", "Customers"].map(t => node("th", { scope: "col" }, t)))), node("tbody", {}, ...rows)))));
  }

  function drawMoney(rows) {
    const most = Math.max(...rows.map(r => r.revenue ?? 0), 1), wide = 380 / rows.length;
    const y = v => 170 - (150 * Math.max(v, 0)) / most;
    const svg = frame("Revenue by period; dark: orders after a customer's first day", [0, most], y, spent);
    rows.forEach((r, i) => {
      const x = 42 + i * wide, kind = r.complete ? "" : " unfinished", repeat = Math.max(0, Math.min(r.repeat_revenue, r.revenue));
      const said = `${r.label}: revenue ${spent(r.revenue)}, of it repeat orders ${spent(r.repeat_revenue)}${r.complete ? "" : ", not over yet"}`;
      svg.append(drawn("rect", { class: `first${kind}`, x, width: wide * 0.8, y: y(r.revenue), height: 170 - y(r.revenue) }, said),
        drawn("rect", { class: `repeat${kind}`, x, width: wide * 0.8, y: y(repeat), height: 170 - y(repeat) }, said));
      if (i % Math.ceil(rows.length / 5) === 0) svg.append(write(x + wide * 0.4, 186, r.label, "middle"));
    });
    figures.append(node("section", {}, node("h3", {}, "Revenue; dark: repeat orders"), svg));
  }

  function frame(label, ticks, y, format) {
    const svg = drawn("svg", { viewBox: "0 0 430 192", role: "img", "aria-label": label });
    for (const tick of ticks) svg.append(drawn("line", { class: "axis", x1: 40, x2: 425, y1: y(tick), y2: y(tick) }), write(40, y(tick) - 4, format(tick), "start"));
    return svg;
  }

  function write(x, y, text, anchor) {
    const made = drawn("text", { x, y, "text-anchor": anchor });
    made.textContent = text;
    return made;
  }

  function drawPeriods(rows) {
    const names = { start: "At start", new: "New", returned: "Returned", lost: "Lost", end: "At end", customers: "Bought", orders: "Orders", revenue: "Revenue" };
    const body = rows.map(r => node("tr", {}, node("th", { scope: "row" }, r.label + (r.complete ? "" : " (not over)")),
      ...Object.keys(names).map(n => node("td", {}, !r.observable && ["start", "returned", "lost"].includes(n) ? "" : (n === "revenue" ? spent : whole.format)(r[n])))));
    const active = choice.lapse_after ? `active: bought within ${choice.lapse_after} days` : `active: bought in the ${choice.period}`;
    const hidden = rows.some(r => !r.observable) ? [node("p", { class: "note" }, "Blank where the log does not reach back far enough to know.")] : [];
    periods.append(node("h3", {}, `Customers and money by ${choice.period} (${active})`),
      node("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Customers and money" }, node("table", {},
        node("thead", {}, node("tr", {}, node("th", { scope: "col" }, choice.period), ...Object.values(names).map(t => node("th", { scope: "col" }, t)))), node("tbody", {}, ...body))), ...hidden);
  }

  function showCode(place, title, text) {
    const done = node("span", { role: "status" }), shown = node("pre", { tabindex: 0 }, text);
    const copy = node("button", { type: "button", class: "plain", onclick: async () => {
      try {
        await navigator.clipboard.writeText(text);
        done.textContent = " Copied.";
      } catch { // not allowed outside of a secure context: then the text is selected, to be copied by hand
        getSelection().selectAllChildren(shown);
        done.textContent = " Selected: copy it with Ctrl+C.";
      }
    } }, "Copy as code");
    place.append(node("details", { class: "code" }, node("summary", {}, title), shown), copy, done);
  }

  model.on("change:answer", answered);
  model.on("change:listing", listed);
  answered();
}

export default { render };
