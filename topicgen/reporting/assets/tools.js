// -- what the other parts share: elements made of text, numbers in words -------------------------

const data = JSON.parse(document.getElementById("data").textContent);
const topics = data.topics;
const byShare = topics.map((_, k) => k).sort((a, b) => topics[b].share - topics[a].share);
const byId = (id) => document.getElementById(id);

// Text only ever becomes a text node or an attribute that cannot act.
function make(space, name, attributes, children) {
  const element = space
    ? document.createElementNS(space, name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}
const el = (name, attributes, ...children) => make(null, name, attributes, children);
const svg = (name, attributes, ...children) =>
  make("http://www.w3.org/2000/svg", name, attributes, children);

// Text of the data, whatever the direction of its script.
const own = (text, name = "bdi") => el(name, name === "bdi" ? {} : { dir: "auto" }, String(text));
const topicLink = (k, ...more) =>
  el("a", { href: `#topic-${k}`, class: "topic-link" },
    el("span", { class: "key" }, String(k)), " ", own(topics[k].label), ...more);

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const precise = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });
const number = (x) => (x === null || x === undefined ? "–"
  : (Math.abs(x) < 10 && x % 1 ? tenth : whole).format(x));

function percent(share) {
  if (share === null || share === undefined) return "–";
  if (share >= 0.0995) return `${Math.round(100 * share)}%`;
  if (share >= 0.00995) return `${(100 * share).toFixed(1)}%`;
  if (share >= 0.00005) return `${(100 * share).toFixed(2)}%`;
  return share > 0 ? "<0.01%" : "0%";
}
// A ratio; a bound in place of one that is too large or too small to be read.
function times(ratio) {
  if (ratio === null || ratio >= 999.5) return "over ×1,000";
  if (ratio < 0.005) return "under ×0.01";
  return `×${ratio >= 9.95 ? number(ratio) : ratio.toFixed(2)}`;
}
const range = (low, high, format = percent) =>
  low === null || high === null ? "" : `${format(low)} to ${format(high)}`;
const plural = (n, one) => `${number(n)} ${one}${n === 1 ? "" : "s"}`;

// One of several things is in the order of Tab; arrow keys move among them.
function roving(elements, next) {
  let current = 0;
  const go = (place, focus) => {
    elements[current].setAttribute("tabindex", "-1");
    current = place;
    elements[current].setAttribute("tabindex", "0");
    if (focus) elements[current].focus();
  };
  elements.forEach((element, place) => {
    element.setAttribute("tabindex", place ? "-1" : "0");
    element.addEventListener("focus", () => go(place, false));
    element.addEventListener("keydown", (event) => {
      const to = next(place, event.key);
      if (to === null || to === undefined) return;
      event.preventDefault();
      go(to, true);
    });
  });
  return (place) => elements.length && go(place, false);
}

const inOrder = (n) => (place, key) => {
  if (key === "ArrowDown" || key === "ArrowRight") return Math.min(place + 1, n - 1);
  if (key === "ArrowUp" || key === "ArrowLeft") return Math.max(place - 1, 0);
  return key === "Home" ? 0 : key === "End" ? n - 1 : null;
};

// Draws again whenever the width of its place changes.
function fitted(place, draw) {
  let width = 0;
  const redraw = () => {
    const now = Math.round(place.clientWidth);
    if (!now || now === width) return;
    width = now;
    place.replaceChildren(...[draw(width)].flat());
  };
  new ResizeObserver(redraw).observe(place);
  return redraw;
}
