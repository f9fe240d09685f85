// The app's page in tests of components: its address, which a test sets.
let url = $state.raw(new URL('http://127.0.0.1/'))

export const page = {
  params: {},
  get url() {
    return url
  },
  set url(next: URL) {
    url = next
  },
}
