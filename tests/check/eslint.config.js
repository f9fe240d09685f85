// Rules of this house. Each rule of ours says in its message why it stands, so that the fix is clear from the message alone.
import svelte from 'eslint-plugin-svelte'
import tseslint from 'typescript-eslint'

/**
 * @param {{ regex?: string, group?: string[], message: string }[]} patterns
 * @returns {import('eslint').Linter.RulesRecord}
 */
const rooms = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] })

const clock =
  'Take the clock that is handed in ({ clock }): tests and the simulation turn it by hand, and a device’s own clock may be wrong.'
const chance = 'Take the source of chance that is handed in ({ random }): a run must repeat from its seed.'
const network = 'Take the network that is handed in ({ network }): tests cut it at every point.'

export default tseslint.config(
  { ignores: ['node_modules/', 'build/', 'data/', '.svelte-kit/', 'test-results/', 'playwright-report/'] },
  ...tseslint.configs.strict,
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser, extraFileExtensions: ['.svelte'] } },
  },
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/unified-signatures': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      'no-console': 'error',
      eqeqeq: ['error', 'smart'],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    rules: {
      'svelte/no-at-html-tags': 'error',
      // The app always stands at the root of its origin, so that plain links stay readable.
      'svelte/no-navigation-without-resolve': 'off',
      'prefer-const': 'off',
    },
  },
  {
    files: ['shared/**'],
    rules: rooms(
      {
        regex: '^#|(^|/)(web|sync-server|tests)/', // a # begins a comment in `group`
        message:
          'shared/ holds the rules that run anywhere: it imports nothing of web, sync-server or tests, and its own files by relative path.',
      },
      {
        group: ['node:*', '$app/*', 'svelte', 'svelte/*'],
        message: 'shared/ runs in the browser and on the server alike: no I/O and no framework here.',
      },
    ),
  },
  {
    files: ['web/**'],
    rules: rooms({
      regex: '(^|/)(sync-server|tests)/',
      message:
        'web/ never imports the server: what both need belongs to shared/, what the server knows comes over the API.',
    }),
  },
  {
    files: ['sync-server/**'],
    rules: {
      ...rooms({
        regex: '^#lib/|(^|/)(web|tests)/',
        message: 'sync-server/ never imports the app: what both need belongs to shared/.',
      }),
    },
  },
  {
    files: ['shared/**', 'web/lib/replica/**', 'sync-server/sync.ts', 'sync-server/sync/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: clock },
        { object: 'performance', property: 'now', message: clock },
        { object: 'Math', property: 'random', message: chance },
        { object: 'crypto', property: 'randomUUID', message: chance },
        { object: 'globalThis', property: 'fetch', message: network },
        { object: 'window', property: 'fetch', message: network },
      ],
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: network },
        { name: 'setTimeout', message: clock },
        { name: 'setInterval', message: clock },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: clock },
      ],
    },
  },
  {
    // The command line, the scripts and the bench speak to a person at a terminal.
    files: ['sync-server/main.ts', 'tests/**'],
    rules: { 'no-console': 'off' },
  },
)
