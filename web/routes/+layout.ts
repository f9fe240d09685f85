// One page for every route: what it shows comes from the copy on this device, so there is nothing for a server to render.
export const ssr = false
export const prerender = false
