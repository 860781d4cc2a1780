// Times are shown on the reader's own wall clock; the server learns its zone from this cookie.
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  if (!document.cookie.includes(`cadenza_zone=${zone}`)) document.cookie = `cadenza_zone=${zone}; path=/; max-age=31536000; samesite=lax`;
})();
