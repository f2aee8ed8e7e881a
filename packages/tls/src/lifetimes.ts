// How long what a local authority makes is valid, in days.

export const DAY = 86_400_000

/** A device whose clock is behind must not find a certificate to be of tomorrow. */
export const BACKDATED = 1

/** Ten years: to trust a new authority is work that nobody should have often. */
export const AUTHORITY_DAYS = 3650

/** Apple's systems refuse more than 398 days, for an authority that a user added 825 (support.apple.com/103769). */
export const LEAF_DAYS = 397

/**
 * At a start with less than this left, another is made. A server that is never started again has as long to run, and says
 * fourteen days before the end that it comes, where it reads its certificate again.
 */
export const RENEWED_WITH = 200
