// Build of the app, the development server and Vitest's projects. The server needs no build: Node runs its TypeScript as it is.
import adapter from '@sveltejs/adapter-static'
import { sveltekit } from '@sveltejs/kit/vite'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string }

// Compressing takes half of the time of a build, and tests do not need it.
const fastBuild = Boolean(process.env.QM_FAST_BUILD)

/** A name that differs for each build: the service worker offers an update when it changes. */
const buildName = `${version}+${Date.now().toString(36)}`

const app = sveltekit({
  adapter: adapter({ fallback: 'index.html', precompress: !fastBuild }),
  files: { src: 'web', assets: 'web/static' },
  serviceWorker: { register: false }, // web/lib/update.svelte.ts does it, so that it can offer the update
  version: { name: buildName, pollInterval: 0 },
  compilerOptions: { runes: true },
  csp: {
    mode: 'hash',
    directives: {
      'default-src': ['self'],
      'connect-src': ['self'],
      'img-src': ['self', 'data:', 'blob:'],
      'worker-src': ['self'],
      'script-src': ['self'],
      'style-src': ['self'],
      // Two constant style attributes that cannot be avoided: the route announcer of Kit and `display: contents` of bits-ui's Command.
      'style-src-attr': [
        'unsafe-hashes',
        'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo=',
        'sha256-iaOezIDcQIoxCULa6FBKKuLUu09R7kG+Mlu+JVfU3Rw=',
      ],
      'object-src': ['none'],
      'base-uri': ['none'],
      'form-action': ['self'],
    },
  },
})

/**
 * Files of the app that are one: what every page behind the sign-in needs, with all that it imports, and what the pages of people share.
 * Left alone, the bundler makes some fifty files of it, each compressed by itself: a tenth more to fetch, and as many requests.
 */
const together = [
  {
    name: 'frame',
    test: /(web\/(routes\/(\(app\)\/)?\+layout\.svelte|lib\/(components\/(Checkbox|EmptyState|Note|PageHead|Pending|ProgressLine|SkeletonRows)\.svelte|users\/(facts|used-in)\.ts))|@lucide\/svelte\/dist\/icons\/download\.svelte)$/,
    priority: 2,
  },
  {
    name: 'people',
    test: /web\/lib\/users\/(behind|emails|list\.svelte|query|selection\.svelte|sets|toolbar)\.ts$/,
    priority: 1,
  },
]

/** A Vitest project that runs in Node on the files of one folder. Where no test puts a module in another's place, files share what they load. */
const inNode = (name: string, include: string, { isolate = true } = {}) => ({
  extends: false as const, // the app's plugins have nothing to do with it
  test: { name, include: [include], environment: 'node' as const, isolate },
})

const inTests = (file: string) => fileURLToPath(new URL(`./tests/support/${file}`, import.meta.url))

export default defineConfig({
  plugins: [app],
  environments: { client: { build: { rolldownOptions: { output: { codeSplitting: { groups: together } } } } } },
  server: {
    // With the browser's own Host, by which the server knows its own origin.
    proxy: { '/api': { target: `http://127.0.0.1:${process.env.PORT_API ?? 8080}`, changeOrigin: false } },
  },
  test: {
    projects: [
      inNode('unit', 'tests/unit/**/!(*.svelte).test.ts'),
      inNode('simulation', 'tests/simulation/**/*.test.ts'),
      inNode('api', 'tests/api/**/!(enumeration).test.ts', { isolate: false }),
      inNode('api-mocked', 'tests/api/enumeration.test.ts'),
      {
        extends: false,
        plugins: [svelte()],
        resolve: {
          conditions: ['browser'],
          // Of the framework only these: a component under test has no router.
          alias: {
            '$app/navigation': inTests('app-navigation.ts'),
            '$app/state': inTests('app-state.svelte.ts'),
          },
        },
        test: { name: 'components', include: ['tests/unit/web/**/*.svelte.test.ts'], environment: 'happy-dom' },
      },
    ],
  },
})
