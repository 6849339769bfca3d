document.documentElement.classList.add("js");
try {
  const theme = localStorage.getItem("topicgen-theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch { /* no storage: the system's theme it is */ }
