// Leads to the cell that is being read: cells have the same names in both languages.
const link = document.getElementById("language-switch");
link?.addEventListener("click", () => {
  const read = [...document.querySelectorAll(".cell-anchor")]
    .filter((anchor) => anchor.getBoundingClientRect().top < 48)
    .pop();
  link.hash = read && window.scrollY > 0 ? read.id : "";
});
