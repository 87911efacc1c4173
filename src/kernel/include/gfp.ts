/* include/linux/gfp_types.h: what an allocation may do to find memory. */

export const __GFP_MOVABLE = 1 << 0
export const __GFP_THISNODE = 1 << 1
/** May wait while the caller itself reclaims. */
export const __GFP_DIRECT_RECLAIM = 1 << 2
export const __GFP_KSWAPD_RECLAIM = 1 << 3
/** Reclaim may start IO. */
export const __GFP_IO = 1 << 4
/** Reclaim may call into file systems. */
export const __GFP_FS = 1 << 5
/** Gives up soon. It still reclaims. */
export const __GFP_NORETRY = 1 << 6
/** Only says nothing when it fails. */
export const __GFP_NOWARN = 1 << 7
export const __GFP_RECLAIM = __GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM

export const GFP_ATOMIC = __GFP_KSWAPD_RECLAIM
export const GFP_NOWAIT = __GFP_KSWAPD_RECLAIM
export const GFP_NOIO = __GFP_RECLAIM
export const GFP_NOFS = __GFP_RECLAIM | __GFP_IO
export const GFP_KERNEL = __GFP_RECLAIM | __GFP_IO | __GFP_FS
export const GFP_HIGHUSER_MOVABLE = GFP_KERNEL | __GFP_MOVABLE
export const GFP_TRANSHUGE_LIGHT = (GFP_HIGHUSER_MOVABLE | __GFP_NOWARN) & ~__GFP_RECLAIM
export const GFP_TRANSHUGE = GFP_HIGHUSER_MOVABLE | __GFP_NOWARN
