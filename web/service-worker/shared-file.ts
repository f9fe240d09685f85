// A file that is shared to the installed app comes as a POST, which no page can read: it is laid aside and the page is opened, which takes
// it. Nothing of it goes to a server.

const CACHE = 'quartermaster-shared'
const SLOT = '/shared-file'

/** Lays the first file, or the text, of what was shared aside. @returns the way to the page that reads it */
export async function layAside(request: Request): Promise<Response> {
  const form = await request.formData()
  const file = form.get('file')
  const text = form.get('text')
  const body = file instanceof File ? file : typeof text === 'string' && text !== '' ? text : undefined
  if (body !== undefined) {
    const name = body instanceof File ? body.name : 'Shared text'
    const cache = await caches.open(CACHE)
    await cache.put(SLOT, new Response(body, { headers: { 'x-name': encodeURIComponent(name) } }))
  }
  return Response.redirect('/users/add?shared', 303)
}
