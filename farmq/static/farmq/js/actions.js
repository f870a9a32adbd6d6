// Carries out the buttons of a page: dialog, request, toast, and only the changed part anew.
import { refreshAges } from "./ages.js";
import { ask, askJson, NotJsonError } from "./request.js";
import { toast, toastLater } from "./toast.js";
import { say } from "./words.js";

const POLL_MS = 1000;
const LONGEST_POLL = 900;
const FINAL = new Set(["SUCCEEDED", "FAILED", "NEEDS_HUMAN", "CANCELLED"]);

function sleep(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

async function refreshPart() {
  const part = document.querySelector("[data-refresh]");
  if (!part) return;
  const response = await ask(part.dataset.refresh, { headers: { Accept: "text/html" } });
  if (!response.ok) return;
  const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
  part.replaceChildren(...parsed.body.childNodes);
  refreshAges(part);
}

// One lost answer is no reason to stop watching.
async function stateOf(url) {
  try {
    return (await askJson(url)).body.data;
  } catch {
    return null;
  }
}

async function follow(url) {
  for (let turn = 0; turn < LONGEST_POLL; turn += 1) {
    await sleep(POLL_MS);
    const command = await stateOf(url);
    if (FINAL.has(command?.state)) return command;
  }
  return null;
}

async function waitFor(answer) {
  toast(answer.message, answer.level, answer.url);
  const command = await follow(answer.follow);
  if (!command) return null;
  if (command.state === "SUCCEEDED") return { ...answer, level: "success", message: answer.done };
  return { level: "failure", message: command.error?.sentence ?? answer.message, url: answer.url };
}

async function finish(first) {
  const answer = first.follow ? await waitFor(first) : first;
  if (!answer) return;
  if (answer.level === "success" && answer.leave) {
    toastLater(answer.message, answer.level);
    window.location.assign(answer.leave);
    return;
  }
  toast(answer.message, answer.level, answer.url);
  await refreshPart();
}

async function submit(form) {
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    const { body } = await askJson(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    });
    form.closest("dialog")?.close();
    await finish(body);
  } catch (error) {
    toast(say(error instanceof NotJsonError ? "not_done" : "no_answer"), "failure");
  } finally {
    button.disabled = false;
  }
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.open);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
    }
  }
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-action-form]")) return;
  event.preventDefault();
  submit(event.target);
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    toast(say("copied"), "success");
  } catch {
    toast(say("not_copied"), "failure");
  }
});
