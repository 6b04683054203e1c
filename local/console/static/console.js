// Keeps the page as it is in the embedded AWS: fetches it again and exchanges the sections that have changed.
"use strict";

const EVERY = 2000;
const known = new Map();

function isInUse(section) {
  const selection = document.getSelection();
  const selected = selection && !selection.isCollapsed && section.contains(selection.anchorNode);
  return section.contains(document.activeElement) || selected;
}

function exchange(section, fresh) {
  const open = [...section.querySelectorAll("details[open][id]")].map((details) => details.id);
  section.replaceChildren(...fresh.childNodes);
  for (const id of open) {
    const details = document.getElementById(id);
    if (details) details.open = true;
  }
}

async function refresh() {
  if (document.hidden) return;
  const gone = document.getElementById("gone");
  try {
    const answer = await fetch(location.pathname, { cache: "no-store" });
    gone.hidden = true;
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const section of document.querySelectorAll("[data-live][id]")) {
      const fresh = page.getElementById(section.id);
      if (!fresh || known.get(section.id) === fresh.innerHTML || isInUse(section)) continue;
      known.set(section.id, fresh.innerHTML);
      exchange(section, fresh);
    }
  } catch {
    gone.hidden = false;
  }
}

async function keepFresh() {
  await refresh();
  setTimeout(keepFresh, EVERY);
}

for (const section of document.querySelectorAll("[data-live][id]")) known.set(section.id, section.innerHTML);
document.addEventListener("visibilitychange", refresh);
setTimeout(keepFresh, EVERY);
