/** The address as it is typed outside the console: from the sign-in to a forgotten password, and back. Kept by the page alone. */
export const typedEmail = $state({ text: '' })
