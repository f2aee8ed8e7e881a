/**
 * A number by which equal contents find each other, from 64 places of them: cheap, not proof. Whoever finds something by
 * it must still compare the whole.
 */
export function fingerprint(content: string | Uint8Array): number {
  const { length } = content
  const step = Math.max(1, Math.floor(length / SAMPLES))
  let hash = FNV_OFFSET
  if (typeof content === 'string') {
    for (let at = 0; at < length; at += step) hash = Math.imul(hash ^ content.charCodeAt(at), FNV_PRIME)
    hash = Math.imul(hash ^ content.charCodeAt(length - 1), FNV_PRIME)
  } else {
    for (let at = 0; at < length; at += step) hash = Math.imul(hash ^ (content[at] as number), FNV_PRIME)
    hash = Math.imul(hash ^ (content[length - 1] ?? 0), FNV_PRIME)
  }
  return hash >>> 0
}

const SAMPLES = 64
// FNV-1a, 32 bits
const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193
