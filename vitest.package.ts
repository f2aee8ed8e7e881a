import { defineConfig } from 'vitest/config'

// Runs a package's tests on its TypeScript sources, its workspace neighbours' too.
const conditions = ['@tsws/source', 'node', 'import', 'default']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    passWithNoTests: false,
  },
})
