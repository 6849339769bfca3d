// -- one topic -----------------------------------------------------------------------------------

const SHOWN_WORDS = 30;
let lambda = 0.6;

const largest = (name) => Math.max(...topics.map((t) => t[name][2] ?? t[name][0] ?? 0));
const totalShare = topics.reduce((sum, t) => sum + t.share, 0) || 1;

function relevance(topic, place) {
  const p = topic.p[place], overall = data.words.overall[topic.words[place]];
  return lambda * Math.log(p) + (1 - lambda) * Math.log(p / overall);
}

function rankedWords(topic) {
  return topic.words.map((word, place) => ({ word, p: topic.p[place], r: relevance(topic, place) }))
    .sort((a, b) => b.r - a.r || b.p - a.p).slice(0, SHOWN_WORDS);
}

// The part of all uses of a word that is expected to come from the topic.
const partOf = (topic, word, p) =>
  Math.min((topic.share / totalShare) * (p / data.words.overall[word]), 1);

function wordRows(topic) {
  const ranked = rankedWords(topic);
  const most = Math.max(...ranked.map(({ word }) => data.words.total[word]), 1);
  return ranked.map(({ word, p }) => {
    const total = data.words.total[word], part = partOf(topic, word, p);
    const bar = el("div", { class: "bars", "aria-hidden": "true" }, el("span", { class: "all" }),
      el("span", { class: "part" }));
    bar.children[0].style.width = `${(100 * total) / most}%`;
    bar.children[1].style.width = `${(100 * total * part) / most}%`;
    const button = el("button", { type: "button", class: "word", "aria-pressed":
      String(word === pressedWord), onclick: () => {
      pressedWord = pressedWord === word ? null : word;
      for (const other of byId("words").querySelectorAll("button.word")) {
        other.setAttribute("aria-pressed", String(other === button && pressedWord === word));
      }
      markSelected();
    },
    onmouseenter: () => { previewedWord = word; markSelected(); },
    onmouseleave: () => { previewedWord = null; markSelected(); } }, own(data.words.text[word]));
    return el("tr", {}, el("th", { scope: "row" }, button), el("td", { class: "bar-cell" }, bar),
      el("td", { class: "number" }, percent(p)), el("td", { class: "number" }, number(total)),
      el("td", { class: "number" }, percent(part)));
  });
}

function wordsPart(topic) {
  const body = el("tbody", {});
  const output = el("output", { for: "lambda", id: "lambda-value" });
  const slider = el("input", { type: "range", id: "lambda", min: 0, max: 1, step: 0.1,
    "aria-describedby": "lambda-ends" });
  slider.value = lambda;
  const update = () => {
    lambda = Number(slider.value);
    output.textContent = lambda.toFixed(1);
    body.replaceChildren(...wordRows(topic));
  };
  slider.addEventListener("input", update);
  update();
  return el("section", { class: "words-part", "aria-labelledby": "words-title" },
    el("h4", { id: "words-title" }, "Words"),
    el("div", { class: "slider" }, el("label", { for: "lambda" }, "Rank words by relevance, λ = "),
      output, slider, el("div", { id: "lambda-ends", class: "ends" },
        el("span", {}, "0: distinctive"), el("span", {}, "1: frequent"))),
    el("p", { class: "legend", "aria-hidden": "true" },
      el("span", {}, el("span", { class: "swatch all" }), " all uses of the word"),
      el("span", {}, el("span", { class: "swatch part" }), " from this topic")),
    el("table", { id: "words" }, el("caption", { class: "hidden" },
      "Words of the topic, most relevant first. A word’s button shows on the map which topics it comes from."),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Word"),
      el("th", { scope: "col", class: "bar-cell" }, el("span", { class: "hidden" }, "Bar")),
      el("th", { scope: "col", class: "number", title: "Probability of the word in the topic" }, "Weight"),
      el("th", { scope: "col", class: "number", title: "How often the word occurs in these documents" }, "Uses"),
      el("th", { scope: "col", class: "number", title: "Share of its uses that come from the topic" }, "Part"))),
    body));
}

function factsPart(topic) {
  const fact = (name, value, mark, ...notes) => el("div", {}, el("dt", {}, name),
    el("dd", {}, el("span", { class: "big" }, value), mark,
      ...notes.map((note) => el("span", { class: "note" }, note))));
  const [presence, amount, tokens] = [topic.presence, topic.amount, topic.tokens];
  const here = data.documents.isFit ? ["of all words"]
    : ["of all words", `${percent(topic.here)} in these documents`];
  return el("dl", { class: "facts" },
    fact("Share", percent(topic.share), null, ...here),
    fact("Presence", percent(presence[0]), intervalMark(presence, Math.max(largest("presence"), 0.01)),
      "of documents", range(presence[1], presence[2])),
    fact("Amount", percent(amount[0]), intervalMark(amount, Math.max(largest("amount"), 0.01)),
      "of such a document", range(amount[1], amount[2])),
    fact("Words", number(tokens[0]), null, "per document", range(tokens[1], tokens[2], number)),
    topic.coherence === null ? null
      : fact("Coherence", topic.coherence.toFixed(2), null, "NPMI of the", "top ten words"));
}

function passagesPart(topic, k) {
  const found = topic.passages.map((passage) => {
    const parts = passage.parts.map((part, i) => (i % 2 ? el("mark", {}, part) : part));
    const id = data.documents.ids[passage.d];
    const entry = topicsOf(passage.d).find((t) => t.topic === k);
    const much = entry ? `${number(entry.tokens)} of ${number(data.documents.lengths[passage.d])} words (${
      number(entry.low)} to ${number(entry.high)})` : "";
    return el("li", {}, el("blockquote", { dir: "auto" }, ...parts),
    el("p", { class: "source" }, el("a", { href: `#document-${passage.d}` }, own(id)),
      much ? el("span", {}, much) : null));
  });
  const title = data.documents.texts ? "Typical passages" : "Typical documents";
  return el("section", { class: "passages-part", "aria-labelledby": "passages-title" },
    el("h4", { id: "passages-title" }, title),
    data.documents.texts ? null : el("p", { class: "note" },
      "The texts were not given, so each document is shown by its words; words from the topic are marked."),
    found.length ? el("ol", { class: "passages" }, ...found)
      : el("p", { class: "note" }, "No document on this page has this topic."));
}

function timePart(k) {
  const time = data.time;
  if (!time || time.x.length < 2) return null;
  const [estimate, low, high] = time.topics[k].map(shares);
  const rows = time.labels.map((label, i) => [label, percent(estimate[i]),
    range(low[i], high[i]), number(time.documents[i])]);
  const note = [`Share of the words of each period, with 95% intervals, by “${time.name}”.`,
    time.sampled ? " Estimated from the random sample of documents with a date." : "",
    time.undated ? ` ${plural(time.undated, "document")} without a date ${time.undated === 1 ? "is" : "are"} left out.` : ""].join("");
  return el("section", { "aria-labelledby": "time-title" }, el("h4", { id: "time-title" }, "Over time"),
    figure({ x: time.x, labels: time.labels, estimate, low, high, format: percent, zero: true,
      describe: `Share of topic ${k} over time; the numbers are in the table below.` },
    lineChart, "Share over time", note, ["Period", "Share", "95% interval", "Documents"], rows));
}

function covariatesPart(k) {
  const parts = data.curves.map((curve) => {
    const [estimate, low, high] = curve.topics[k].map(shares);
    const rows = curve.labels.map((label, i) => [label, percent(estimate[i]), range(low[i], high[i])]);
    const note = `Expected share of the words of a document${curve.others ? ` ${curve.others}` : ""}; 95% ${
      curve.curve ? "band for the whole curve" : "intervals"}.`;
    const described = `Expected share of topic ${k} by ${curve.name}; the numbers are in the table below.`;
    const isDate = curve.curve && /^\d{4}-\d\d-\d\d$/.test(curve.labels[0]);
    return el("div", { class: "covariate" }, el("h5", {}, "By ", own(curve.name)),
      figure({ x: curve.x, labels: curve.labels, estimate, low, high, format: percent, zero: true,
        names: curve.curve ? (v) => (isDate ? String(v) : tickName(v)) : null, describe: described },
      curve.curve ? lineChart : dotChart, `Expected share by ${curve.name}`, note,
      [curve.name, "Expected share", "95% interval"], rows));
  });
  const ratios = data.effects;
  if (ratios) {
    const against = ratios.references.length ? `, compared with ${ratios.references.join(" and ")}` : "";
    parts.push(el("div", { class: "covariate" }, el("h5", {}, "How many times as many words"),
      el("table", { class: "plain" }, el("caption", {}, `Ratios of the topic’s expected words, from a regression of their rates, other things being equal${against}; for numbers per unit, for dates per year`),
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Property"),
          el("th", { scope: "col", class: "number" }, "Ratio"),
          el("th", { scope: "col", class: "number" }, "95% interval"))),
        el("tbody", {}, ...ratios.terms.map((term, i) => {
          const [ratio, low, high] = ratios.topics[k][i];
          return el("tr", {}, el("th", { scope: "row" }, own(term)), el("td", { class: "number" }, times(ratio)),
            el("td", { class: "number" }, `${times(low)} to ${times(high)}`));
        })))));
  }
  if (!parts.length) return null;
  return el("section", { "aria-labelledby": "covariates-title" },
    el("h4", { id: "covariates-title" }, "Who and when"),
    data.formula ? el("p", { class: "note" }, "Prevalence depends on ", el("code", {}, own(data.formula)), ".") : null,
    ...parts);
}

const tickName = (v) => (Number.isInteger(v) && Math.abs(v) < 3000 ? String(v) : number(v));

function neighboursPart(topic) {
  const near = topic.near;
  if (!near.length) return null;
  return el("section", { class: "near-part", "aria-labelledby": "near-title" },
    el("h4", { id: "near-title" }, "Similar topics"),
    el("ol", { class: "near" }, ...near.map(([k, similarity]) => el("li", {}, topicLink(k),
      el("span", { class: "share" }, similarity.toFixed(2))))),
    el("p", { class: "note" }, "By their words: 1 for the same words, 0 for no word in common."));
}

function placePart(k) {
  const layers = data.tree;
  if (!layers.length) return null;
  const steps = [];
  let node = k;
  for (let layer = 0; layer + 1 < layers.length; layer += 1) {
    const { parent, weight } = layers[layer][node];
    if (parent === null) break;
    const above = layers[layer + 1][parent];
    steps.push(el("li", {}, el("a", { href: `#group-${layer + 1}-${parent}` },
      ...above.words.slice(0, 5).flatMap((word, i) => [i ? ", " : "", own(word)])),
    el("span", { class: "share" }, `${percent(weight)} of it`)));
    node = parent;
  }
  if (!steps.length) return null;
  return el("section", { class: "place-part", "aria-labelledby": "place-title" },
    el("h4", { id: "place-title" }, "Part of the group"), el("ol", { class: "near" }, ...steps));
}

function showTopic(k) {
  const topic = topics[k], rank = byShare.indexOf(k);
  selected = k;
  pressedWord = previewedWord = null;
  const step = (to, text) => (byShare[to] === undefined
    ? el("span", { class: "step off" }, text)
    : el("a", { class: "step", href: `#topic-${byShare[to]}` }, text));
  const place = topics.length === 1 ? "the only one"
    : rank === 0 ? `the most used of ${topics.length}` : `${rank + 1} of ${topics.length} by use`;
  byId("topic").replaceChildren(
    el("header", {},
      el("div", { class: "topic-line" }, el("p", { class: "kicker" }, `Topic ${k}, ${place}`),
        el("nav", { class: "steps", "aria-label": "Topics by use" }, step(rank - 1, "Previous"), step(rank + 1, "Next"))),
      el("h3", { id: "topic-title", dir: "auto" }, topic.label),
      factsPart(topic)),
    el("div", { class: "two" },
      wordsPart(topic),
      el("div", {}, passagesPart(topic, k),
        el("p", {}, el("a", { class: "more", href: `#documents-of-${k}` }, "All documents with this topic")))),
    ...[timePart(k), covariatesPart(k)].filter(Boolean),
    el("div", { class: "two even" }, ...[neighboursPart(topic), placePart(k)].filter(Boolean)));
  markSelected();
  if (marks.circles.length) marks.focusCircle(k);
  if (marks.entries.length) marks.focusEntry(rank);
}
