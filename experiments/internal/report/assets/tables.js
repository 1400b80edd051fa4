// Tables that sort and filter. Rows that are not written in the page come from the data beside
// the table, and are made when they are shown.
(() => {
  "use strict";
  const step = 200; // rows that are shown at once
  const collator = new Intl.Collator("en", {numeric: true, sensitivity: "base"});
  const missing = (text) => text === "" || text === "-";

  const ofElement = (tr) => ({
    tr,
    measured: "measured" in tr.dataset,
    cells: [...tr.cells].map((td) => ({
      text: td.textContent, value: "value" in td.dataset ? Number(td.dataset.value) : null,
    })),
  });
  const ofData = (row, columns) => ({
    tr: null,
    measured: row[0],
    numeric: columns,
    cells: row.slice(1).map((c, i) => Array.isArray(c) ? {text: c[0], value: c[1], link: c[2]}
      : {text: c, value: columns[i] && c !== "" && Number.isFinite(Number(c)) ? Number(c) : null}),
  });
  const element = (row) => {
    if (row.tr) return row.tr;
    row.tr = document.createElement("tr");
    row.cells.forEach((c, i) => {
      const td = row.tr.insertCell();
      td.dir = "auto";
      if (row.numeric[i]) td.className = "number";
      let into = td;
      if (c.link && !/^[a-z][a-z0-9+.-]*:|^\/\//i.test(c.link)) { // a path, no other address
        into = document.createElement("a");
        into.setAttribute("href", c.link);
        td.append(into);
      }
      into.textContent = c.text;
    });
    return row.tr;
  };
  // What is missing comes last, whatever the order.
  const compare = (a, b, numeric, down) => {
    const none = (c) => numeric ? c.value === null : missing(c.text);
    if (none(a) || none(b)) return none(a) - none(b);
    const d = numeric ? a.value - b.value : collator.compare(a.text, b.text);
    return down ? -d : d;
  };

  const setUp = (box) => {
    const heads = [...box.querySelectorAll("thead th")];
    const numeric = heads.map((th) => "numeric" in th.dataset);
    const body = box.querySelector("tbody");
    const rows = [...body.rows].map(ofElement);
    const data = box.querySelector("script[type='application/json']");
    if (data) for (const row of JSON.parse(data.textContent)) rows.push(ofData(row, numeric));
    const filter = box.querySelector("[data-filter]");
    const hideBox = box.querySelector("[data-hide]");
    const count = box.querySelector("[data-count]");
    const more = box.querySelector("[data-more]");
    let by = -1, down = false, most = step;

    const draw = () => {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      let found = rows.filter((r) => {
        if (hideBox && hideBox.checked && !r.measured) return false;
        if (words.length === 0) return true;
        r.all ??= r.cells.map((c) => c.text).join("\n").toLowerCase();
        return words.every((w) => r.all.includes(w));
      });
      if (by >= 0) found.sort((a, b) => compare(a.cells[by], b.cells[by], numeric[by], down));
      body.replaceChildren(...found.slice(0, most).map(element));
      const shown = Math.min(found.length, most);
      const all = found.length === rows.length;
      count.textContent = all && shown === rows.length ? `${shown} rows`
        : all ? `${shown} of ${rows.length} rows`
        : shown === found.length ? `${shown} of ${rows.length} rows fit`
        : `${shown} of ${found.length} rows that fit, of ${rows.length}`;
      more.hidden = found.length <= most;
      more.textContent = `Show ${Math.min(step, found.length - most)} more rows`;
    };
    heads.forEach((th, i) => {
      th.setAttribute("aria-sort", "none");
      const button = document.createElement("button");
      button.type = "button";
      button.append(...th.childNodes);
      th.append(button);
      button.addEventListener("click", () => {
        if (by !== i) { by = i; down = false; }
        else if (!down) down = true;
        else by = -1; // as it was
        heads.forEach((h, k) => h.setAttribute("aria-sort", k !== by ? "none" : down ? "descending" : "ascending"));
        draw();
      });
    });
    const again = () => { most = step; draw(); };
    filter.addEventListener("input", again);
    if (hideBox) hideBox.addEventListener("change", again);
    more.addEventListener("click", () => { most += step; draw(); });
    box.querySelector(".controls").hidden = false;
    draw();
  };
  for (const box of document.querySelectorAll("[data-table]")) setUp(box);
})();
