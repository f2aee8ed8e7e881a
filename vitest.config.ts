import { defineConfig, mergeConfig } from 'vitest/config'
import perPackage from './vitest.package.ts'

// The whole house in one run: `vitest run` here, or in one package with `--config ../../vitest.package.ts`.
export default defineConfig({
  test: {
    projects: [
      mergeConfig(perPackage, {
        test: {
          name: 'all',
          include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'test/**/*.test.ts'],
        },
      }),
    ],
  },
})
