// A payroll file on its way: how much of it is sent, and how far it is read. Both
// pages work without this, by an ordinary form and by loading the page again.

const upload = document.querySelector("#upload")
const wait = document.querySelector("#wait")

// show moves the bar of that id; what is read out changes only by whole tenths.
function show(id, done, all, text) {
  const bar = document.querySelector(`#${id}`)
  const tenth = Math.floor((bar.value / bar.max) * 10)
  bar.max = all
  bar.value = done
  bar.textContent = text
  document.querySelector(`#${id}-text`).textContent = text
  if (Math.floor((done / all) * 10) !== tenth) document.querySelector(`#${id}-said`).textContent = text
}

// fail says in the page's words, or the server's, why a file was not taken.
function fail(form, page) {
  const error = document.querySelector("#upload-error")
  const answer = page && new DOMParser().parseFromString(page, "text/html").querySelector("main")
  const words = answer && [...answer.querySelectorAll("h1, .notice, .lead, p")].map((e) => e.textContent.trim()).filter(Boolean)
  error.textContent = words?.length ? words.slice(0, 3).join(" ") : form.dataset.failed
  error.hidden = false
  document.querySelector("#sending").hidden = true
  for (const button of form.querySelectorAll("button")) button.disabled = false
}

function send(form) {
  const request = new XMLHttpRequest()
  document.querySelector("#upload-error").hidden = true
  document.querySelector("#sending").hidden = false
  for (const button of form.querySelectorAll("button")) button.disabled = true
  request.upload.addEventListener("progress", (e) => {
    if (!e.lengthComputable) return
    const percent = Math.floor((e.loaded / e.total) * 100)
    show("sent", e.loaded, e.total, percent < 100 ? `${percent} percent` : "Sealing and reading it")
  })
  request.addEventListener("load", () => {
    if (request.status < 400 && request.responseURL !== location.href) location.assign(request.responseURL)
    else fail(form, request.responseText)
  })
  for (const event of ["error", "abort", "timeout"]) request.addEventListener(event, () => fail(form))
  request.open("POST", form.action)
  request.send(new FormData(form))
}

if (upload) {
  upload.addEventListener("submit", (e) => {
    e.preventDefault()
    send(upload)
  })
  const place = upload.querySelector("[data-drop]")
  const field = place.querySelector("input[type=file]")
  const light = (e, on) => {
    e.preventDefault()
    place.toggleAttribute("data-over", on)
  }
  for (const event of ["dragenter", "dragover"]) place.addEventListener(event, (e) => light(e, true))
  place.addEventListener("dragleave", (e) => light(e, false))
  place.addEventListener("drop", (e) => {
    light(e, false)
    if (e.dataTransfer.files.length === 0) return
    const one = new DataTransfer()
    one.items.add(e.dataTransfer.files[0])
    field.files = one.files
    upload.requestSubmit()
  })
}

async function poll() {
  const answer = await fetch(wait.dataset.poll, { headers: { Accept: "application/json" } })
  if (!answer.ok) return location.reload()
  const now = await answer.json()
  if (now.to) return location.replace(now.to)
  show("progress", now.done, now.all, now.text)
  setTimeout(poll, 500)
}

if (wait) setTimeout(poll, 300)
