// Light or dark: the system's choice until the person makes one.

const KEY = "afternote.theme";

export function remember(key, value) {
  try { localStorage.setItem(key, value); } catch { /* private windows may refuse: then it is not remembered */ }
}

export function recall(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

export const isDark = () => (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

export function toggleTheme() {
  const theme = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  remember(KEY, theme);
}

const saved = recall(KEY);
if (saved === "light" || saved === "dark") document.documentElement.dataset.theme = saved;
