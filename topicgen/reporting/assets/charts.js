// -- curves and intervals ------------------------------------------------------------------------

// Round values for an axis, about so many.
function ticks(low, high, about) {
  const span = high - low || 1;
  const raw = span / Math.max(about, 1);
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * size).find((s) => s >= raw * 0.999);
  const found = [];
  for (let x = Math.ceil(low / step - 1e-9) * step; x <= high + step * 1e-6; x += step) {
    found.push(Number(x.toPrecision(12)));
  }
  return found;
}

const shares = (values) => values.map((x) => (x === null ? null : x / 1e5));

// A line with its band; periods without a value leave a gap.
function lineChart(place, chart) {
  const { x, labels, estimate, low, high, format, zero, names, describe } = chart;
  const draw = (width) => {
    const height = Math.round(Math.min(220, Math.max(150, width * 0.36)));
    const left = 46, right = 12, top = 10, bottom = 26;
    const ends = [...(low || []), ...(high || []), ...estimate].filter((v) => v !== null);
    // Where hardly anything is known, the band may leave the top of the chart.
    const middle = Math.max(...estimate.filter((v) => v !== null));
    const most = zero ? Math.min(Math.max(...ends), 2.5 * middle || 1) : Math.max(...ends);
    const least = zero ? 0 : Math.min(...ends);
    const pad = (most - least) * 0.06 || Math.abs(most) * 0.1 || 1;
    const yLow = zero ? 0 : least - pad, yHigh = most + pad;
    const first = x[0], last = x[x.length - 1];
    const px = (v) => left + (last === first ? 0.5 : (v - first) / (last - first))
      * (width - left - right);
    const py = (v) => height - bottom
      - ((Math.min(v, yHigh) - yLow) / (yHigh - yLow)) * (height - top - bottom);
    const parts = [];
    for (const y of ticks(yLow, yHigh, 4)) {
      parts.push(svg("line", { class: "grid", x1: left, x2: width - right, y1: py(y), y2: py(y) }),
        svg("text", { class: "tick", x: left - 8, y: py(y) + 4, "text-anchor": "end" }, format(y)));
    }
    const nTicks = Math.max(2, Math.min(Math.floor((width - left) / 90), x.length));
    const chosen = names
      ? ticks(first, last, nTicks).filter((v) => v >= first - 1e-9 && v <= last + 1e-9)
        .map((v) => [v, names(v)])
      : [...Array(nTicks).keys()].map((i) => {
        const at = Math.round((i * (x.length - 1)) / (nTicks - 1 || 1));
        return [x[at], labels[at]];
      });
    chosen.forEach(([v, name], i) => {
      const anchor = px(v) > width - right - 24 ? "end" : i === 0 && px(v) < left + 20 ? "start"
        : "middle";
      parts.push(svg("text", { class: "tick", x: px(v), y: height - 6, "text-anchor": anchor },
        name));
    });
    const runs = [];
    estimate.forEach((value, i) => {
      if (value === null) return;
      if (i && estimate[i - 1] !== null) runs[runs.length - 1].push(i);
      else runs.push([i]);
    });
    for (const run of runs) {
      const to = (values, places) => places.map((i) => `${px(x[i]).toFixed(1)},${
        py(values[i]).toFixed(1)}`);
      if (low && run.length > 1) {
        parts.push(svg("polygon", {
          class: "band", points: [...to(high, run), ...to(low, [...run].reverse())].join(" "),
        }));
      } else if (low) {
        const i = run[0];
        parts.push(svg("line", { class: "whisker", x1: px(x[i]), x2: px(x[i]), y1: py(low[i]),
          y2: py(high[i]) }));
      }
      if (run.length > 1) {
        parts.push(svg("polyline", { class: "curve", points: to(estimate, run).join(" ") }));
      } else {
        parts.push(svg("circle", { class: "dot", cx: px(x[run[0]]), cy: py(estimate[run[0]]),
          r: 3 }));
      }
    }
    parts.push(svg("line", { class: "axis", x1: left, x2: width - right, y1: height - bottom,
      y2: height - bottom }));
    return svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
      "aria-label": describe }, ...parts);
  };
  return fitted(place, draw);
}

// A dot with its interval for each level of a covariate.
function dotChart(place, chart) {
  const { labels, estimate, low, high, format, describe } = chart;
  const draw = (width) => {
    const row = 24, top = 4, bottom = 24;
    const left = Math.min(Math.round(width * 0.36), 180), right = 16;
    const height = top + labels.length * row + bottom;
    const most = Math.max(...high.filter((v) => v !== null), 1e-9) * 1.04;
    const px = (v) => left + (v / most) * (width - left - right);
    const room = Math.floor((left - 12) / 6.6);
    const parts = [];
    for (const v of ticks(0, most, Math.max(2, Math.floor((width - left) / 90)))) {
      parts.push(svg("line", { class: "grid", x1: px(v), x2: px(v), y1: top,
        y2: height - bottom }),
      svg("text", { class: "tick", x: px(v), y: height - 6, "text-anchor": "middle" }, format(v)));
    }
    labels.forEach((label, i) => {
      const y = top + (i + 0.5) * row;
      const short = label.length > room ? `${label.slice(0, room - 1)}…` : label;
      parts.push(svg("text", { class: "name", x: left - 12, y: y + 4, "text-anchor": "end" },
        short));
      if (estimate[i] === null) return;
      parts.push(svg("line", { class: "whisker", x1: px(low[i]), x2: px(high[i]), y1: y, y2: y }),
        svg("circle", { class: "dot", cx: px(estimate[i]), cy: y, r: 4 }));
    });
    return svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
      "aria-label": describe }, ...parts);
  };
  return fitted(place, draw);
}

function figure(chart, kind, title, note, headings, rows) {
  const place = el("div", { class: "chart" });
  const table = el("table", { class: "plain" }, el("caption", {}, title),
    el("thead", {}, el("tr", {}, ...headings.map((text, i) =>
      el("th", { scope: "col", class: i ? "number" : null }, text)))),
    el("tbody", {}, ...rows.map((cells) => el("tr", {}, ...cells.map((cell, i) => (i
      ? el("td", { class: "number" }, cell) : el("th", { scope: "row" }, own(cell))))))));
  const redraw = kind(place, chart);
  const made = el("figure", { class: "chart-figure" }, place,
    note ? el("figcaption", {}, note) : null,
    el("details", { class: "numbers" }, el("summary", {}, "Show the numbers"),
      el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, table)));
  requestAnimationFrame(redraw);
  return made;
}

// A dot and its interval on a line from 0 to the largest value of all topics.
function intervalMark([value, low, high], most) {
  if (value === null || !(most > 0)) return null;
  const width = 120, px = (v) => 4 + (Math.min(v, most) / most) * (width - 8);
  return svg("svg", { class: "interval", viewBox: `0 0 ${width} 10`, width, height: 10,
    "aria-hidden": "true", focusable: "false" },
  svg("line", { class: "grid", x1: 4, x2: width - 4, y1: 5, y2: 5 }),
  low === null || high === null ? null
    : svg("line", { class: "whisker", x1: px(low), x2: px(high), y1: 5, y2: 5 }),
  svg("circle", { class: "dot", cx: px(value), cy: 5, r: 3.5 }));
}
