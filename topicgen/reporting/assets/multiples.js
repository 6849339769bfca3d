// -- all topics over time, small -----------------------------------------------------------------

const MOST_MULTIPLES = 60;

function multiple(k) {
  const [estimate, low, high] = data.time.topics[k].map(shares);
  const x = data.time.x, n = x.length, known = [...Array(n).keys()].filter((i) => estimate[i] !== null);
  if (known.length < 2) return null;
  const most = Math.max(...known.map((i) => estimate[i]), 1e-9) * 1.25;
  const width = 240, height = 56;
  const at = (i, value) => `${(((x[i] - x[0]) / (x[n - 1] - x[0])) * width).toFixed(1)},${
    (height - 1 - (Math.min(value, most) / most) * (height - 3)).toFixed(1)}`;
  const drawn = svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none",
    "aria-hidden": "true", focusable: "false" },
  svg("polygon", { class: "band", points: [...known.map((i) => at(i, high[i])),
    ...[...known].reverse().map((i) => at(i, low[i]))].join(" ") }),
  svg("polyline", { class: "curve", points: known.map((i) => at(i, estimate[i])).join(" ") }),
  svg("line", { class: "axis", x1: 0, x2: width, y1: height - 0.5, y2: height - 0.5 }));
  const first = known[0], last = known[known.length - 1];
  const said = `from ${percent(estimate[first])} in ${data.time.labels[first]} to ${
    percent(estimate[last])} in ${data.time.labels[last]}`;
  return el("li", {}, el("a", { href: `#topic-${k}` },
    el("span", { class: "multiple-name" }, el("span", { class: "key" }, String(k)), own(topics[k].label),
      el("span", { class: "share", "aria-hidden": "true" }, percent(most))),
    drawn, el("span", { class: "ends" }, el("span", {}, data.time.labels[first]),
      el("span", {}, data.time.labels[last])), el("span", { class: "hidden" }, said)));
}

function startMultiples() {
  const place = byId("multiples");
  if (!place) return;
  place.append(...byShare.slice(0, MOST_MULTIPLES).map(multiple).filter(Boolean));
}
