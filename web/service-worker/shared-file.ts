// A file that is shared to the installed app comes as a POST, which no page can read: it is laid aside and the page is opened, which takes
// it. Nothing of it goes to a server.

const CACHE = 'quartermaster-shared'
const SLOT = '/shared-file'
/** The page leaves this mark where devices keep nothing: a file of users must not lie in a cache then. */
const NOTHING = '/keeps-nothing'

/** Lays the first file, or the text, of what was shared aside. @returns the way to the page that reads it */
export async function layAside(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE)
  if (await cache.match(NOTHING)) return Response.redirect('/users/add?shared=not-kept', 303)
  const form = await request.formData()
  const file = form.get('file')
  const text = form.get('text')
  const body = file instanceof File ? file : typeof text === 'string' && text !== '' ? text : undefined
  if (body !== undefined) {
    const name = body instanceof File ? body.name : 'Shared text'
    await cache.put(SLOT, new Response(body, { headers: { 'x-name': encodeURIComponent(name) } }))
  }
  return Response.redirect('/users/add?shared', 303)
}
