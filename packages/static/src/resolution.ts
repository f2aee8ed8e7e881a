import { encodePath } from './request-path.ts'
import type { RequestPath } from './request-path.ts'
import type { ResolvedOptions } from './options.ts'

/** If `path` is a `kind`, then this is done about it. */
export type Step =
  | { readonly path: string; readonly kind: 'file'; readonly action: 'serve' }
  | {
      readonly path: string
      readonly kind: 'file' | 'directory'
      readonly action: 'redirect'
      readonly to: string
    }
  | { readonly path: string; readonly kind: 'directory'; readonly action: 'list' }

/**
 * The table by which a path becomes an answer; the first step that applies wins, and if none does nothing was found.
 *
 * | asked for     | looked at                 | answer                                    |
 * | ------------- | ------------------------- | ----------------------------------------- |
 * | `/a/`         | file `a/index.html`       | served                                    |
 * | `/a/`         | directory `a`             | with `listing`: listed                    |
 * | `/a.html`     | file `a.html`             | with `cleanUrls`: 301 to `/a`             |
 * | `/index.html` | file `index.html`         | with `cleanUrls`: 301 to `/`              |
 * | `/a`          | file `a`                  | served                                    |
 * | `/a`          | file `a.html`             | with `cleanUrls`: served                  |
 * | `/a`          | directory `a`             | 301 to `/a/`                              |
 *
 * Redirects start with exactly one `/` (`RequestPath` has no empty segment and no backslash), so that they never name
 * another host (CWE-601). Pure.
 */
export function resolutionSteps(
  { path, directory }: RequestPath,
  options: Pick<ResolvedOptions, 'index' | 'cleanUrls' | 'base' | 'listing'>,
): readonly Step[] {
  const steps: Step[] = []
  if (directory || path === '/') {
    if (options.index !== null) {
      const index = path === '/' ? `/${options.index}` : `${path}/${options.index}`
      steps.push({ path: index, kind: 'file', action: 'serve' })
    }
    if (options.listing) steps.push({ path, kind: 'directory', action: 'list' })
    return steps
  }
  const clean = options.cleanUrls ? cleanForm(path, options.index) : null
  if (clean !== null) {
    steps.push({ path, kind: 'file', action: 'redirect', to: options.base + encodePath(clean) })
  } else {
    steps.push({ path, kind: 'file', action: 'serve' })
    if (options.cleanUrls) steps.push({ path: `${path}.html`, kind: 'file', action: 'serve' })
  }
  steps.push({ path, kind: 'directory', action: 'redirect', to: `${options.base}${encodePath(path)}/` })
  return steps
}

/** `/a.html` → `/a`, `/a/index.html` → `/a/`; null for what is clean already. */
function cleanForm(path: string, index: string | null): string | null {
  const slash = path.lastIndexOf('/')
  const name = path.slice(slash + 1)
  if (name === index) return path.slice(0, slash + 1)
  if (!name.endsWith('.html') || name === '.html') return null
  const clean = path.slice(0, -'.html'.length)
  // `/index.html.html` would become `/index.html` and that `/`: two redirects to another file.
  return clean.slice(slash + 1) === index || clean.endsWith('.html') ? null : clean
}
