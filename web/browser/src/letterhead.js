// The letterhead as it is typed: a moment after the last change the form is sent
// into the frame beside it, as its button does without this.

const form = document.querySelector("#letterhead")
const show = form?.querySelector("[data-show]")
const pause = 600
let waiting = 0

// Every picture gets a frame of its own: what is loaded first into a new one is no
// step that the browser's way back would have to go.
function freshFrame() {
  const old = document.querySelector("iframe[name=preview]")
  const fresh = old.cloneNode()
  fresh.removeAttribute("src")
  old.replaceWith(fresh)
}

function draw() {
  if (!form.checkValidity()) return
  freshFrame()
  form.requestSubmit(show)
}

form?.addEventListener("input", () => {
  clearTimeout(waiting)
  waiting = setTimeout(draw, pause)
})
