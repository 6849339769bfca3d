// -- the page as a whole: what its address says, its theme ---------------------------------------

function goTo(hash, first) {
  const [, kind, place] = /^#(topic|document|documents-of|group-\d+)-(\d+)$/.exec(hash) || [];
  const n = Number(place);
  if (kind === "topic" && n < topics.length) {
    const shown = byId("topic").childElementCount > 0;
    showTopic(n);
    const box = byId("topic").getBoundingClientRect();
    const inView = box.top >= 0 && box.top < innerHeight * 0.5;
    if (first || !shown || !inView) byId("topic").scrollIntoView();
    if (!first) byId("topic").focus({ preventScroll: true });
  } else if (kind === "document" && n < nDocuments) {
    showDocument(n);
  } else if (kind === "documents-of" && n < topics.length) {
    showDocumentsOf(n);
    byId("documents").scrollIntoView();
    byId("search").focus({ preventScroll: true });
  } else if (kind && kind.startsWith("group")) {
    const group = byId(hash.slice(1));
    if (group) group.focus();
  }
}

function startTheme() {
  const button = byId("theme"), root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const say = () => { button.textContent = isDark() ? "Light theme" : "Dark theme"; };
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("topicgen-theme", root.dataset.theme); } catch { /* not kept */ }
    say();
  });
  system.addEventListener("change", say);
  say();
  byId("print").addEventListener("click", () => print());
}

function startTraining() {
  const training = data.training;
  if (!training) return;
  const epochs = training.perplexity.map((_, i) => i + 1);
  const whose = training.heldOut ? `the ${number(training.heldOut)} held-out documents`
    : "some of the training documents";
  const halves = training.heldOut
    ? " Each document was divided once, at random. The perplexity under “Quality” is that of other random halves, and so differs by chance." : "";
  byId("training").append(el("h3", {}, "Training"),
    figure({ x: epochs, labels: epochs.map(String), estimate: training.perplexity, format: precise.format,
      zero: false, describe: "Perplexity after each pass; the numbers are in the table below." }, lineChart,
    "Perplexity after each pass over the documents",
    `Perplexity of hidden words in ${whose}, after each pass over the documents; lower is better. If the curve is still falling at the end, more passes may help.${halves}`,
    ["Pass", "Perplexity"], training.perplexity.map((value, i) => [String(i + 1), precise.format(value)])));
}

drawIndex();
fitted(byId("map"), drawMap)();
startDocuments();
showTopic(byShare[0]);
startMultiples();
startTraining();
startTheme();
addEventListener("hashchange", () => goTo(location.hash, false));
goTo(location.hash, true);
document.documentElement.dataset.ready = "true";
