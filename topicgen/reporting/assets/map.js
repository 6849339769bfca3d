// -- the map of topics, and the list below it ----------------------------------------------------

let selected = null;
let pressedWord = null, previewedWord = null;
const marks = { circles: [], entries: [], focusCircle: () => {}, focusEntry: () => {} };

// Circles as large as topics are used, near their positions, pushed apart where they overlap.
function arrange(width, height) {
  const most = Math.max(...topics.map((t) => t.share), 1e-9);
  const area = topics.reduce((sum, t) => sum + t.share / most, 0);
  const largest = Math.min(Math.sqrt((0.26 * width * height) / (Math.PI * area)), width / 9);
  const spread = [0, 1].map((axis) => {
    const values = topics.map((t) => t.at[axis]);
    return [Math.min(...values), Math.max(...values)];
  });
  const pad = largest + 8;
  const scale = (value, [low, high], size) =>
    (high - low < 1e-9 ? size / 2 : pad + ((value - low) / (high - low)) * (size - 2 * pad));
  const circles = topics.map((t, k) => {
    const x = scale(t.at[0], spread[0], width);
    const y = height - scale(t.at[1], spread[1], height);
    return { k, x, y, x0: x, y0: y, r: Math.max(4, largest * Math.sqrt(t.share / most)) };
  });
  for (let round = 0; round < 160; round += 1) {
    for (const c of circles) {
      c.x += (c.x0 - c.x) * 0.04;
      c.y += (c.y0 - c.y) * 0.04;
    }
    for (let i = 0; i < circles.length; i += 1) {
      for (let j = i + 1; j < circles.length; j += 1) {
        const a = circles[i], b = circles[j];
        let dx = b.x - a.x, dy = b.y - a.y;
        const apart = a.r + b.r + 2;
        if (Math.abs(dx) > apart || Math.abs(dy) > apart) continue;
        let distance = Math.hypot(dx, dy);
        if (distance >= apart) continue;
        if (distance < 1e-6) { dx = Math.cos(i + j); dy = Math.sin(i + j); distance = 1; }
        const push = (apart - distance) / distance / 2;
        a.x -= dx * push; a.y -= dy * push;
        b.x += dx * push; b.y += dy * push;
      }
    }
    for (const c of circles) {
      c.x = Math.min(Math.max(c.x, c.r + 7), width - c.r - 7);
      c.y = Math.min(Math.max(c.y, c.r + 7), height - c.r - 7);
    }
  }
  return circles;
}

const short = (k, most = 22) => {
  const t = topics[k];
  const text = t.name || t.words.slice(0, 2).map((w) => data.words.text[w]).join(", ");
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
};

// Names beside the largest circles, where there is room for them.
function placeNames(circles, width, height) {
  const taken = [], names = [];
  const isOnCircle = ([left, top, right, bottom]) => circles.some((c) => Math.hypot(
    c.x - Math.min(Math.max(c.x, left), right), c.y - Math.min(Math.max(c.y, top), bottom)) < c.r);
  for (const k of byShare) {
    if (names.length >= Math.floor(width / 34)) break;
    const c = circles[k], text = short(k), w = text.length * 6.3 + 4, h = 14;
    const middle = Math.min(Math.max(c.x, w / 2 + 3), width - w / 2 - 3);
    const slant = c.r * Math.SQRT1_2 + 3;
    const spots = [
      [middle, c.y + c.r + 12, "middle"], [middle, c.y - c.r - 5, "middle"],
      [c.x + c.r + 4, c.y + 4, "start"], [c.x - c.r - 4, c.y + 4, "end"],
      [c.x + slant, c.y + slant + 8, "start"], [c.x - slant, c.y + slant + 8, "end"],
      [c.x + slant, c.y - slant, "start"], [c.x - slant, c.y - slant, "end"],
    ];
    for (const [x, y, anchor] of spots) {
      const left = anchor === "middle" ? x - w / 2 : anchor === "start" ? x : x - w;
      const box = [left, y - h + 3, left + w, y + 3];
      if (box[0] < 2 || box[2] > width - 2 || box[1] < 2 || box[3] > height - 2) continue;
      if (isOnCircle(box) || taken.some((t) => box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1])) {
        continue;
      }
      taken.push(box);
      names.push({ k, x, y, anchor, text });
      break;
    }
  }
  return names;
}

function drawMap(width) {
  const height = Math.round(Math.min(Math.max(width * 0.82, 260), 470));
  const circles = arrange(width, height);
  const names = placeNames(circles, width, height);
  marks.circles = circles.map((c) => {
    const t = topics[c.k];
    return svg("a", { href: `#topic-${c.k}`, class: "circle", "data-topic": c.k,
      "aria-label": `Topic ${c.k}: ${t.label}; ${percent(t.share)} of all words` },
    svg("title", {}, `Topic ${c.k}: ${t.label} (${percent(t.share)})`),
    svg("circle", { class: "ring", cx: c.x, cy: c.y, r: c.r + 3 }),
    svg("circle", { class: "disc", cx: c.x, cy: c.y, r: c.r }),
    svg("circle", { class: "use", cx: c.x, cy: c.y, r: 0, "data-r": c.r }),
    c.r >= 9 ? svg("text", { x: c.x, y: c.y + 4, "text-anchor": "middle" }, String(c.k)) : null);
  });
  const toward = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  marks.focusCircle = roving(marks.circles, (place, key) => {
    if (key === "Home") return byShare[0];
    if (key === "End") return byShare[byShare.length - 1];
    const way = toward[key];
    if (!way) return null;
    let best = null, least = Infinity;
    for (const c of circles) {
      const dx = c.x - circles[place].x, dy = c.y - circles[place].y;
      const along = dx * way[0] + dy * way[1], across = Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
      if (along <= 0.5) continue;
      const cost = along + 2 * across;
      if (cost < least) { least = cost; best = c.k; }
    }
    return best;
  });
  const layer = svg("g", { class: "names", "aria-hidden": "true" }, ...names.map((n) =>
    svg("text", { x: n.x, y: n.y, "text-anchor": n.anchor, "data-topic": n.k }, n.text)));
  const drawn = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "group",
    "aria-label": "Map of topics; arrow keys move from circle to circle" },
  ...[...byShare].map((k) => marks.circles[k]), layer);
  requestAnimationFrame(markSelected);
  return drawn;
}

function drawIndex() {
  const most = Math.max(...topics.map((t) => t.share), 1e-9);
  marks.entries = byShare.map((k) => {
    const t = topics[k];
    const bar = el("span", { class: "amount", "aria-hidden": "true" }, el("span", {}));
    bar.firstChild.style.width = `${(100 * t.share) / most}%`;
    return el("a", { href: `#topic-${k}`, "data-topic": k }, el("span", { class: "key" }, String(k)),
      own(t.label), el("span", { class: "share" }, percent(t.share)), bar);
  });
  byId("index").replaceChildren(...marks.entries.map((entry) => el("li", {}, entry)));
  marks.focusEntry = roving(marks.entries, inOrder(marks.entries.length));
}

// Which topic is shown, and where the chosen word is used.
function markSelected() {
  for (const mark of [...marks.circles, ...marks.entries]) {
    const is = Number(mark.dataset.topic) === selected;
    mark.classList.toggle("selected", is);
    if (is) mark.setAttribute("aria-current", "true");
    else mark.removeAttribute("aria-current");
  }
  const uses = new Map(), word = previewedWord ?? pressedWord;
  if (word !== null) {
    const flat = data.words.uses[word];
    for (let i = 0; i < flat.length; i += 2) uses.set(flat[i], flat[i + 1] / 100);
  }
  for (const mark of marks.circles) {
    const disc = mark.querySelector(".use");
    const share = uses.get(Number(mark.dataset.topic)) || 0;
    disc.setAttribute("r", Number(disc.dataset.r) * Math.sqrt(share));
  }
  byId("map").classList.toggle("of-word", word !== null);
  const note = byId("map-note");
  note.dataset.usual ||= note.textContent;
  if (word === null) {
    note.textContent = note.dataset.usual;
  } else {
    const most = [...uses].slice(0, 4).map(([k, share]) => `${Math.round(100 * share)}% topic ${k}`);
    note.replaceChildren("Where “", own(data.words.text[word]), "” comes from: ",
      most.join(", "), ". The inner circles show these parts.");
  }
}
