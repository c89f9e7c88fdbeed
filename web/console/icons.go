package console

import (
	"fmt"
	"html/template"
)

// icons are drawings in a square of 16, in the colour of the words beside them.
// None stands without a word.
var icons = map[string]string{
	"home":     "M2.5 7.5 8 2.8l5.5 4.7M4 6.5v6.7h8V6.5M6.7 13v-3.5h2.6V13",
	"people":   "M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.5 13.5c.3-3 2-4.3 4.5-4.3s4.2 1.3 4.5 4.3M11 2.8a2.3 2.3 0 0 1 0 4.5M12 9.5c1.6.5 2.4 1.9 2.5 4",
	"person":   "M8 7.5a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4zM2.8 13.8c.3-3 2.2-4.5 5.2-4.5s4.9 1.5 5.2 4.5",
	"phone":    "M3 2.5h2.6l1.2 3.2-1.6 1.2a8 8 0 0 0 3.9 3.9l1.2-1.6 3.2 1.2V13c0 .5-.5 1-1 1C7 14 2 9 2 3.5c0-.5.5-1 1-1z",
	"run":      "M1.8 3.8h12.4v8.4H1.8zM1.8 4.5 8 9l6.2-4.5",
	"stamp":    "M3 13.5h10M4 11h8V9.3c0-.6-.4-.9-1-.9H9.5c-.6-1.5.6-2.6.6-4a2.1 2.1 0 0 0-4.2 0c0 1.4 1.2 2.5.6 4H5c-.6 0-1 .3-1 .9z",
	"calendar": "M2.3 3.5h11.4v10H2.3zM2.3 6.5h11.4M5 1.8v3M11 1.8v3M5 9h1.5M9.5 9H11M5 11.3h1.5",
	"book":     "M3 2.5h8.5c.8 0 1.5.6 1.5 1.3v9.7H4.5C3.7 13.5 3 13 3 12.2zM3 12.2c0-.8.7-1.2 1.5-1.2H13M6 5.3h4M6 7.8h4",
	"gear":     "M8 10.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4zM8 1.8v2M8 12.2v2M1.8 8h2M12.2 8h2M3.6 3.6 5 5M11 11l1.4 1.4M12.4 3.6 11 5M5 11l-1.4 1.4",
	"pulse":    "M1.5 8.5h3l1.7-5 3 9.5 2-6 .8 1.5h2.5",
	"check":    "M3 8.5 6.3 12 13 4.5",
	"cross":    "M4 4l8 8M12 4l-8 8",
	"minus":    "M3.5 8h9",
	"plus":     "M8 3v10M3 8h10",
	"clock":    "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.8V8l2.3 1.6",
	"dots":     "M3 8h.01M8 8h.01M13 8h.01",
	"send":     "M14 2 7.2 8.8M14 2 9.7 14l-2.5-5.2L2 6.3z",
	"retry":    "M13 8a5 5 0 1 1-1.6-3.7M13.2 2v3h-3",
	"question": "M5.5 6a2.5 2.5 0 1 1 3.5 2.3c-.7.4-1 .8-1 1.7M8 12.7h.01",
	"hand":     "M5.5 3v10M10.5 3v10",
	"back":     "M6 4 2.5 7.5 6 11M2.7 7.5H10a3.5 3.5 0 0 1 0 7H8.5",
	"swap":     "M2.5 5.5h10M10 3l2.5 2.5L10 8M13.5 10.5h-10M6 8l-2.5 2.5L6 13",
	"pencil":   "M3 13l.6-2.8 7.3-7.3 2.2 2.2-7.3 7.3zM9.5 4.3l2.2 2.2",
	"inbox":    "M2 9.5 4 3h8l2 6.5v3.7H2zM2 9.5h3.5l1 1.8h3l1-1.8H14",
	"pause":    "M5.5 3.5v9M10.5 3.5v9",
	"play":     "M5 3l7.5 5L5 13z",
	"flag":     "M4 14V2.5M4 3h8.5l-2 2.7 2 2.7H4",
	"shield":   "M8 1.8 13 3.5v4c0 3.3-2 5.4-5 6.7-3-1.3-5-3.4-5-6.7v-4zM5.6 7.8l1.8 1.8 3-3.3",
	"warning":  "M8 2.2 14.5 13.5h-13zM8 6.5v3.2M8 11.7h.01",
	"stop":     "M5.3 1.8h5.4l3.5 3.5v5.4l-3.5 3.5H5.3l-3.5-3.5V5.3zM8 4.7v4M8 11.2h.01",
	"note":     "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 7.3v3.8M8 4.9h.01",
	"key":      "M5.3 11.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4zM8.5 8h6v2.7M12 8v2",
	"mail":     "M1.8 3.8h12.4v8.4H1.8zM1.8 4.5 8 9l6.2-4.5",
	"paper":    "M4 1.8h5.5L12.5 5v9.2H4zM9.3 2v3.2h3.2M6 8h4.5M6 10.5h4.5",
	"search":   "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.7 10.7 14 14",
	"download": "M8 2v8M4.7 7 8 10.3 11.3 7M2.5 13.5h11",
	"upload":   "M8 10.5v-8M4.7 5.7 8 2.4l3.3 3.3M2.5 13.5h11",
	"lock":     "M3.5 7.3h9v6.5h-9zM5.3 7.3V5a2.7 2.7 0 0 1 5.4 0v2.3",
	"up":       "M8 13V3.5M4 7l4-4 4 4",
	"down":     "M8 3v9.5M4 9l4 4 4-4",
	"newer":    "M10 3.5 5.5 8 10 12.5",
	"older":    "M6 3.5 10.5 8 6 12.5",
	"menu":     "M2 4h12M2 8h12M2 12h12",
	"exit":     "M6.5 2.5h-4v11h4M10 5l3 3-3 3M12.8 8H6",
	"left":     "M6.5 2.5h7v11h-7M9 8H2M4.5 5.5 2 8l2.5 2.5",
	"eye":      "M1.5 8C3 5 5.3 3.5 8 3.5S13 5 14.5 8c-1.5 3-3.8 4.5-6.5 4.5S3 11 1.5 8zM8 9.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6z",
}

// icon draws one of icons; a name that is not there is a mistake in a page.
func icon(name string) (template.HTML, error) {
	path, found := icons[name]
	if !found {
		return "", fmt.Errorf("draw icon %q: there is none", name)
	}
	//nolint:gosec // both parts are constants of this file
	return template.HTML(`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d="` + path + `"/></svg>`), nil
}
