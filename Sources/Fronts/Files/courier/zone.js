// The server counts days by the courier's own clock.
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** Lets the pages that follow know the zone. */
export function tellZone() { document.cookie = `tiffin_zone=${zone}; path=/courier; max-age=31536000; samesite=lax`; }
