// The address of the app alone leads to the dashboard.
import { redirect } from '@sveltejs/kit'

export const load = () => redirect(307, '/dashboard')
