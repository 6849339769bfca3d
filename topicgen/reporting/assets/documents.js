// -- documents -----------------------------------------------------------------------------------

const PER_PAGE = 20;
const docs = data.documents;
const nDocuments = docs.ids.length;
const view = { query: "", topic: null, sort: "order", up: true, page: 0, open: new Set(), rows: [] };
let haystacks = null;

function topicsOf(d) {
  const flat = docs.topics[d], found = [];
  for (let i = 0; i < flat.length; i += 4) {
    found.push({ topic: flat[i], tokens: flat[i + 1] / 10, low: flat[i + 2], high: flat[i + 3] });
  }
  return found;
}

function tokensOf(d, k) {
  const flat = docs.topics[d];
  for (let i = 0; i < flat.length; i += 4) if (flat[i] === k) return flat[i + 1] / 10;
  return 0;
}

const cellOf = (column, d) => (column.numbers ? column.numbers[d] : column.levels[column.cells[d]]);

function haystack(d) {
  haystacks ||= new Array(nDocuments);
  haystacks[d] ||= [docs.ids[d], docs.excerpts[d], ...docs.columns.map((c) => cellOf(c, d) ?? "")]
    .join("\n").toLowerCase();
  return haystacks[d];
}

function sorters() {
  const found = { order: ["Order of the input", (d) => d], id: ["Name", (d) => docs.ids[d]],
    length: ["Length", (d) => docs.lengths[d]] };
  if (view.topic !== null) {
    found.tokens = ["Words from the topic", (d) => tokensOf(d, view.topic)];
    found.share = ["Share of the topic", (d) => tokensOf(d, view.topic) / (docs.lengths[d] || 1)];
  }
  docs.columns.forEach((column, i) => {
    found[`column-${i}`] = [column.name, (d) => cellOf(column, d)];
  });
  return found;
}

const collator = new Intl.Collator("en", { numeric: true });

function choose() {
  const words = view.query.toLowerCase().split(/\s+/).filter(Boolean);
  let rows = [];
  for (let d = 0; d < nDocuments; d += 1) {
    if (view.topic !== null && tokensOf(d, view.topic) === 0) continue;
    if (words.length) {
      const text = haystack(d);
      if (!words.every((word) => text.includes(word))) continue;
    }
    rows.push(d);
  }
  if (view.sort !== "order" || !view.up) {
    const value = (sorters()[view.sort] || sorters().order)[1];
    const keyed = rows.map((d) => [value(d), d]);
    const missing = (x) => x === null || x === undefined || x === "";
    const sign = view.up ? 1 : -1;
    keyed.sort(([a, i], [b, j]) => {
      if (missing(a) || missing(b)) return missing(a) - missing(b) || i - j;
      const order = typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b);
      return sign * order || i - j;
    });
    rows = keyed.map(([, d]) => d);
  }
  view.rows = rows;
}

function mixture(d, list) {
  const length = docs.lengths[d] || 1;
  const parts = list.map(({ topic, tokens }) => {
    const part = el("span", { class: topic === view.topic ? "of-topic" : null });
    part.style.width = `${(100 * tokens) / length}%`;
    return part;
  });
  return el("div", { class: "mixture", "aria-hidden": "true" }, ...parts);
}

function documentRow(d) {
  const list = topicsOf(d), open = view.open.has(d), length = docs.lengths[d];
  const button = el("button", { type: "button", class: "open", "aria-expanded": String(open),
    id: `document-${d}`, onclick: () => {
      if (view.open.has(d)) view.open.delete(d); else view.open.add(d);
      showRows();
      byId(`document-${d}`).focus();
    } }, own(docs.ids[d]));
  const cells = [
    el("th", { scope: "row" }, button, el("p", { class: "excerpt", dir: "auto" }, docs.excerpts[d])),
    el("td", { class: "number", "data-name": "Words" }, number(length)),
    el("td", { "data-name": "Topics" }, list.length ? mixture(d, list) : null,
      list.length ? el("div", { class: "top-topics" }, ...list.slice(0, 3).map(({ topic, tokens }) =>
        el("span", {}, topicLink(topic), " ", el("span", { class: "share" }, percent(tokens / length)))))
        : el("span", { class: "note" }, "no words in the vocabulary")),
  ];
  if (view.topic !== null) {
    const entry = list.find((t) => t.topic === view.topic);
    cells.push(el("td", { class: "number", "data-name": `Topic ${view.topic}` },
      entry ? number(entry.tokens) : "0", entry ? el("span", { class: "range" },
        range(entry.low, entry.high, number)) : null));
  }
  const rows = [el("tr", { class: open ? "is-open" : null }, ...cells)];
  if (open) rows.push(el("tr", { class: "detail" }, el("td", { colspan: cells.length }, detail(d, list))));
  return rows;
}

function detail(d, list) {
  const length = docs.lengths[d];
  const known = docs.columns.map((column) => [column.name, cellOf(column, d)])
    .filter(([, value]) => value !== "" && value !== null && value !== undefined);
  const rest = Math.max(length - list.reduce((sum, t) => sum + t.tokens, 0), 0);
  const most = Math.max(...list.map((t) => t.high), 1);
  return el("div", { class: "inside" },
    known.length ? el("dl", { class: "metadata" }, ...known.map(([name, value]) =>
      el("div", {}, el("dt", {}, own(name)), el("dd", {}, own(value))))) : null,
    list.length ? el("table", { class: "plain" },
      el("caption", {}, `Words of each topic among its ${number(length)}, with 90% intervals`),
      el("thead", {}, el("tr", {}, ...["Topic", "Words", "90% interval", "", "Share"].map((text, i) =>
        (text ? el("th", { scope: "col", class: i ? "number" : null }, text) : el("td", {}))))),
      el("tbody", {}, ...list.map(({ topic, tokens, low, high }) => el("tr", {},
        el("th", { scope: "row" }, topicLink(topic)), el("td", { class: "number" }, number(tokens)),
        el("td", { class: "number" }, range(low, high, number)),
        el("td", {}, intervalMark([tokens, low, high], most)),
        el("td", { class: "number" }, percent(tokens / (length || 1)))))))
      : el("p", { class: "note" }, "This document has no word of the model’s vocabulary."),
    rest >= 0.5 && list.length ? el("p", { class: "note" }, `Other topics: ${number(rest)}.`) : null);
}

function head() {
  const cell = (key, text, kind) => {
    const is = view.sort === key;
    return el("th", { scope: "col", class: kind, "aria-sort": is ? (view.up ? "ascending" : "descending") : null },
      key ? el("button", { type: "button", class: "sort", "data-key": key, onclick: () => {
        view.up = is ? !view.up : key === "id";
        view.sort = key;
        view.page = 0;
        refresh();
        const again = byId("document-table").querySelector(`button.sort[data-key="${key}"]`);
        if (again) again.focus();
      } }, text, el("span", { class: "arrow", "aria-hidden": "true" }, is ? (view.up ? " ↑" : " ↓") : ""))
        : text);
  };
  const cells = [cell("id", "Document", null), cell("length", "Words", "number"), cell(null, "Topics", null)];
  if (view.topic !== null) cells.push(cell("tokens", `Topic ${view.topic}`, "number"));
  byId("document-table").tHead.replaceChildren(el("tr", {}, ...cells));
}

function showRows() {
  const first = view.page * PER_PAGE, last = Math.min(first + PER_PAGE, view.rows.length);
  byId("document-table").tBodies[0].replaceChildren(
    ...view.rows.slice(first, last).flatMap((d) => documentRow(d)));
  const n = view.rows.length;
  byId("found").textContent = n
    ? `${plural(n, "document")}${n > PER_PAGE ? `, ${number(first + 1)} to ${number(last)} shown` : ""}`
    : "No documents match; change the search or the topic.";
  const turn = (by, text, off) => el("button", { type: "button", disabled: off, onclick: () => {
    view.page += by;
    showRows();
    byId("documents").scrollIntoView();
    byId("found").focus?.();
  } }, text);
  byId("pager").replaceChildren(...(n > PER_PAGE ? [turn(-1, "Previous page", first === 0),
    el("span", {}, `Page ${number(view.page + 1)} of ${number(Math.ceil(n / PER_PAGE))}`),
    turn(1, "Next page", last >= n)] : []));
}

function refresh() {
  if (!sorters()[view.sort]) { view.sort = "order"; view.up = true; }
  choose();
  view.page = Math.min(view.page, Math.max(Math.ceil(view.rows.length / PER_PAGE) - 1, 0));
  const sort = byId("sort");
  sort.replaceChildren(...Object.entries(sorters()).map(([key, [name]]) => el("option", { value: key }, name)));
  sort.value = view.sort;
  byId("of-topic").value = view.topic === null ? "" : String(view.topic);
  byId("direction").textContent = view.up ? "Ascending" : "Descending";
  head();
  showRows();
}

function startDocuments() {
  byId("of-topic").replaceChildren(el("option", { value: "" }, "any topic"),
    ...byShare.map((k) => el("option", { value: k }, `${k}: ${topics[k].label}`)));
  let waiting = 0;
  byId("search").addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { view.query = event.target.value; view.page = 0; refresh(); }, 120);
  });
  byId("of-topic").addEventListener("change", (event) => {
    showDocumentsOf(event.target.value === "" ? null : Number(event.target.value));
  });
  byId("sort").addEventListener("change", (event) => {
    view.sort = event.target.value;
    view.up = !["length", "tokens", "share"].includes(view.sort);
    view.page = 0;
    refresh();
  });
  byId("direction").addEventListener("click", () => { view.up = !view.up; view.page = 0; refresh(); });
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  refresh();
}

function showDocumentsOf(k) {
  view.topic = k;
  view.page = 0;
  if (k === null) { view.sort = "order"; view.up = true; } else { view.sort = "tokens"; view.up = false; }
  refresh();
}

// Opens a document, wherever it is in the list.
function showDocument(d) {
  Object.assign(view, { query: "", topic: null, sort: "order", up: true });
  byId("search").value = "";
  view.open.add(d);
  choose();
  view.page = Math.floor(view.rows.indexOf(d) / PER_PAGE);
  refresh();
  const button = byId(`document-${d}`);
  button.scrollIntoView({ block: "center" });
  button.focus({ preventScroll: true });
}
