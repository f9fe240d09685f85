// Sets the colours before the first paint. Must stay small and blocking; web/lib/theme.svelte.ts owns the switch afterwards.
;(function () {
  var chosen = null
  try {
    chosen = localStorage.getItem('qm-theme')
  } catch {
    // Storage may be forbidden; the system's choice serves then.
  }
  var dark = chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
  var colour = document.querySelector('meta[name="theme-color"]')
  if (colour) colour.setAttribute('content', dark ? '#161a1d' : '#ffffff')
})()
