// Keeps the page up to date, sends forms without leaving it, and opens explanations in place.
// The page is readable without this script.
"use strict";

const requests = document.getElementById("requests");
const result = document.getElementById("result");
const live = document.getElementById("live");

function parse(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

function say(text, isProblem) {
  result.textContent = text;
  result.classList.toggle("problem", Boolean(isProblem));
}

// Puts the article of another page of the sandbox into an element.
async function show(element, response) {
  if (!response.ok) {
    say(await response.text(), true);
    return;
  }
  const article = parse(await response.text()).querySelector("article");
  element.replaceChildren(...article.childNodes);
  for (const block of element.querySelectorAll("#curl, #signed-headers, #string-to-sign")) {
    block.before(copyButton(block));
  }
}

function copyButton(block) {
  const button = document.createElement("button");
  const name = block.previousElementSibling.textContent;
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy: " + name);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(block.textContent);
    say(name + " copied");
  });
  return button;
}

function addRequests(html) {
  requests.prepend(...parse("<ol>" + html + "</ol>").querySelectorAll("li[id]"));
  while (requests.children.length > Number(requests.dataset.shown)) {
    requests.lastElementChild.remove();
  }
}

// Replaces the sections that changed. The keyboard's focus goes to the element with the same id.
function replaceSections(html) {
  for (const section of parse(html).body.children) {
    const shown = document.getElementById(section.id);
    if (shown.outerHTML === section.outerHTML) continue;
    const focused = shown.contains(document.activeElement) ? document.activeElement.id : "";
    shown.replaceWith(section);
    if (focused) (document.getElementById(focused) || document.getElementById("result")).focus();
  }
}

function listen() {
  const events = new EventSource("events?" + requests.dataset.position);
  events.addEventListener("requests", (event) => addRequests(event.data));
  events.addEventListener("sections", (event) => replaceSections(event.data));
  events.addEventListener("reload", () => {
    events.close();
    location.reload();
  });
  events.addEventListener("open", () => document.body.classList.remove("stale"));
  events.addEventListener("error", () => document.body.classList.add("stale"));
  return events;
}

// Every form but the workbench's leads back to this page; its effect comes as an event.
async function send(form) {
  const body = new URLSearchParams(new FormData(form));
  const redirect = form.id === "workbench-form" ? "follow" : "manual";
  const response = await fetch(form.action, { method: "POST", body, redirect });
  if (response.type !== "opaqueredirect") {
    await show(document.getElementById("signed"), response);
    return;
  }
  const button = form.querySelector("button");
  say((button.getAttribute("aria-label") || button.textContent) + ": done");
}

if (requests) {
  let events = listen();
  document.getElementById("live-label").hidden = false;
  live.addEventListener("change", () => {
    if (live.checked) location.reload();
    else events.close();
  });
  document.addEventListener("submit", (event) => {
    if (!live.checked) return;
    event.preventDefault();
    say("");
    send(event.target).catch((problem) => say("The sandbox does not answer: " + problem.message, true));
  });
  requests.addEventListener("toggle", (event) => {
    const explanation = event.target.querySelector(".explanation");
    const link = explanation.querySelector(":scope > a");
    if (!event.target.open || !link) return;
    fetch(link.href)
      .then((response) => show(explanation, response))
      .catch((problem) => say("The sandbox does not answer: " + problem.message, true));
  }, true);
  const path = document.querySelector("#workbench-form [name=path]");
  path.addEventListener("change", () => {
    const call = [...document.getElementById("calls").options].find((option) => option.value === path.value);
    if (call) document.querySelector("#workbench-form [name=body]").value = call.dataset.body;
  });
}
