// The texts, by what they say.

export const ru = {
  skip: "К содержанию",
  navigation: "Разделы",
  ask: "Вопросы",
  entities: "Сущности",
  documents: "Документы",
  graph: "Граф",
  review: "Проверка",
  language: "Язык",
  theme: "Оформление",
  light: "Светлое",
  dark: "Тёмное",
  system: "Как в системе",
  loading: "Загрузка…",
  failed: "Не удалось загрузить.",
  notFound: "Такой страницы нет.",
};

export type Messages = { [name in keyof typeof ru]: string };

export const en: Messages = {
  skip: "Skip to content",
  navigation: "Sections",
  ask: "Questions",
  entities: "Entities",
  documents: "Documents",
  graph: "Graph",
  review: "Review",
  language: "Language",
  theme: "Appearance",
  light: "Light",
  dark: "Dark",
  system: "System",
  loading: "Loading…",
  failed: "It couldn't be loaded.",
  notFound: "There is no such page.",
};
