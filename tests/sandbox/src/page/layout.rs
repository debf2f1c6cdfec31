//! What all pages have in common.

use maud::{DOCTYPE, Markup, html};

/// A whole document. `root` leads to `/sandbox/`: empty, or `../` once or twice.
pub(super) fn document(title: &str, root: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="icon" href={ (root) "icon.svg" } type="image/svg+xml";
                link rel="stylesheet" href={ (root) "page.css" };
                script src={ (root) "page.js" } defer {}
            }
            body { (body) }
        }
    }
}

/// A page of its own that the script can also show inside the main page.
pub(super) fn article(title: &str, article: &Markup) -> Markup {
    let body = html! {
        main.single {
            p { a href="../" { "← Diyalog sandbox" } }
            h1 { (title) }
            article { (article) }
        }
    };
    document(title, "../", &body)
}
