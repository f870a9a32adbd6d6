// Says what happened: five seconds at least, until it is read when it failed.

import { say } from "./words.js";

const STAY_MS = 7000;
const STORE = "farmq-toast";

function place() {
  let toasts = document.querySelector(".toasts");
  if (!toasts) {
    toasts = document.createElement("div");
    toasts.className = "farmq toasts";
    document.body.append(toasts);
  }
  return toasts;
}

// What is said on the page that comes next.
export function toastLater(text, level) {
  sessionStorage.setItem(STORE, JSON.stringify({ text, level }));
}

export function showStored() {
  const stored = sessionStorage.getItem(STORE);
  sessionStorage.removeItem(STORE);
  if (!stored) return;
  const { text, level } = JSON.parse(stored);
  toast(text, level);
}

export function toast(text, level = "notice", url = "") {
  const box = document.createElement("div");
  box.className = `toast toast-${level}`;
  box.setAttribute("role", level === "failure" ? "alert" : "status");
  const words = document.createElement(url ? "a" : "span");
  words.textContent = text;
  if (url) words.href = url;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "toast-close";
  close.textContent = "✕";
  close.setAttribute("aria-label", say("close"));
  close.addEventListener("click", () => box.remove());
  box.append(words, close);
  place().append(box);
  if (level !== "failure") setTimeout(() => box.remove(), STAY_MS);
}
