// Stands where the demo's page speaks to its server: nothing is sent from the gallery.
import { toast } from "./layers.js";

export async function post(path) {
  if (path !== "/client/suggest") sayNothingIsSent();
  return { ok: true, options: [] };
}

export function sayNothingIsSent() {
  toast("This page only shows the screens: nothing was sent.");
}
