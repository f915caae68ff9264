// Answers said often come in at the cursor: chosen from the list, or by /shortcut and a blank.
// Without this script the button brings the page again with the answer at the end.
(() => {
  const list = document.getElementById("reply-canned");
  if (!list) return;
  const area = list.form.elements.text;
  const offers = new Map([...list.options].filter((option) => option.dataset.shortcut).map((option) => [option.dataset.shortcut, option.dataset.text]));

  function put(text, from, to) {
    area.focus();
    area.setSelectionRange(from, to);
    // the old command, because what it writes can be undone
    if (!document.execCommand("insertText", false, text)) {
      area.setRangeText(text, from, to, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  document.getElementById("reply-insert").addEventListener("click", (event) => {
    event.preventDefault();
    const text = list.selectedOptions[0].dataset.text;
    if (text) put(text, area.selectionStart, area.selectionEnd);
    list.value = "";
  });

  area.addEventListener("input", (event) => {
    if (event.data !== " ") return;
    const end = area.selectionStart;
    const word = area.value.slice(0, end).match(/(?:^|\s)\/(\S+) $/);
    const text = word && offers.get(word[1].toLowerCase());
    if (text) put(`${text} `, end - word[1].length - 2, end);
  });
})();
