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
    // On a shared machine a test against other processes may lose a race once; a bug loses it twice.
    // Locally nothing is tried again, so that a race is seen by who works on it.
    retry: process.env['CI'] ? 1 : 0,
    passWithNoTests: false,
  },
})
