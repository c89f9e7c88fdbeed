// A run's progress, live: the server sends the part of the page that moves. When
// the run's state changes, the page is fetched anew and its main part put in place,
// for then other things can be done with it. Without this script the page reloads.

const part = () => document.getElementById("run-live");

// replace puts new contents in, and leaves the focus where it was if the same link
// is there again.
function replace(element, html) {
  const focused = element.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  element.innerHTML = html;
  if (focused) {
    element.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  }
}

// say reads out how far the run is, by whole tenths.
let tenth = -1;
function say(percent) {
  const now = Math.floor(parseInt(percent, 10) / 10);
  if (Number.isFinite(now) && now !== tenth) {
    tenth = now;
    document.getElementById("run-said").textContent = percent;
  }
}

function note(text) {
  const element = document.getElementById("run-note");
  element.hidden = text === "";
  element.textContent = text;
}

// refresh shows the whole page as it is now.
async function refresh() {
  const answer = await fetch(location.pathname, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) {
    location.reload();
    return;
  }
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = fresh.getElementById("main");
  if (main) {
    document.getElementById("main").replaceChildren(...main.childNodes);
    document.title = fresh.title;
  }
}

function watch(address) {
  const source = new EventSource(address);
  source.addEventListener("progress", async (event) => {
    const now = JSON.parse(event.data);
    note("");
    if (now.state === part().dataset.state) {
      replace(part(), now.html);
    } else {
      part().dataset.state = now.state;
      await refresh();
    }
    say(now.said);
    if (now.end) {
      source.close();
    }
  });
  source.addEventListener("bye", () => {
    source.close();
    note("You are signed out. Load the page again to go on.");
  });
  source.addEventListener("trouble", () => note("The run cannot be looked at just now; trying again."));
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) {
      note("The progress is no longer live. Load the page again.");
    }
  };
  window.addEventListener("pagehide", () => source.close());
}

if (part()?.dataset.events) {
  watch(part().dataset.events);
}
