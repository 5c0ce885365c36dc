// The language switch leads to the cell that is being read: cells have the same names in both languages.
const link = document.getElementById("language-switch");
link?.addEventListener("click", () => {
  const read = [...document.querySelectorAll(".cell-anchor")]
    .filter((anchor) => anchor.getBoundingClientRect().top < 48)
    .pop();
  link.hash = read && window.scrollY > 0 ? read.id : "";
});

// Formulas grow when they are set, which moves the cell that the address names.
window.addEventListener("load", async () => {
  await window.MathJax?.startup?.promise;
  const cell = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  cell?.scrollIntoView({ behavior: "instant" });
});

// Sphinx asks its Turkish plural rule for a place in a list; the rule answers true or false.
if (typeof Documentation !== "undefined") {
  const plural = Documentation.PLURAL_EXPR;
  Documentation.PLURAL_EXPR = (n) => Number(plural(n));
}
