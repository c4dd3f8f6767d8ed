//! What following a link would do besides showing a page. Whoever follows a link of a site asks here: the search for the
//! notice and what belongs to it, the withdrawal, the second page, and a banner's links to its deeper layers.

use std::{borrow::Cow, sync::LazyLock};

use regex::Regex;
use url::Url;

use crate::{
    consent::{Meaning, Words},
    gather::secrets::percent_decoded,
    model::site,
    notice::PageLink,
};

/// What following a link does besides showing a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// It makes a choice about cookies, as the buttons of a banner that works without scripts do.
    Chooses(Meaning),
    /// It ends the visit or the session, changes an account, or buys.
    Acts,
}

/// What programs call what an address does; by itself in a part of the path, or as a value of the query.
static ADDRESS_ACTS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?x) ^(?: log[-_]?(?:out|off) | sign[-_]?(?:out|off) | quit | exit | leave | escape | delete | remove | destroy
        | dileu | canslo | gadael | löschen | loeschen | kündigen | kuendigen | verlassen | eliminar | borrar | cancelar | salir
        | supprimer | effacer | annuler | quitter | elimina | cancella | esci | verwijderen | opzeggen | usun | usuń | wyloguj
        | anuluj | apagar | excluir | sair | erase | deactivate | disable | terminate | (?:un)?subscribe | cancel
        | tanysgrifio | dad-?danysgrifio | abonnieren | abonner | suscribirse | iscriviti | confirm | activate | verify | approve | opt[-_]?in | buy | purchase | checkout | pay | donate )
        (?: [-_] (?: now | me | my | all | this | it | account | user | profile | session | page | site | order
        | confirm(?:ed)? ) )* (?:\.\w{2,5})? $",
    )
});

/// Buying and giving in many languages: a link that begins with such a word does it, and so does a part of a path that is
/// one. The others mean nothing else and count wherever they stand.
static BUYS_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?x) ^(?: buy | purchase | order | donate | pay | book | subscribe | renew | give | bid | hire | rent | vote
        | rhoi | cyfrannu | llogi | adnewyddu | paga | dona | ordina | compra | koop | bestel | betaal | don | kup | pedir | bezahlen | spenden | bestellen )
        (?: $ | [\s_-] )",
    )
});
static BUYS_ANYWHERE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?x) \b(?: prynu | archebu | talu | kaufen | acheter | commander | payer | comprar | pagar | donar | encomendar | doar
        | acquista | kopen | bestellen\s nu | doneren | zamów | zapłać | wpłać | kupić
        | add\s to\s (?:basket|cart|bag) | i['’]?r\s fasged )\b",
    )
});

/// What is kept for a visitor to buy or to come back to, as a part of a path. Adding to it acts under any label.
static BASKETS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?x) ^(?: (?:shopping[-_]?)? (?: basket | cart | bag ) | trolley | wish[-_]?list | favou?rites | basged | fasged
        | warenkorb | merkliste | panier | carrito | cesta | carrello | winkel(?:wagen|mand) | koszyk | carrinho )s?
        (?:\.\w{2,5})? $",
    )
});

/// Parts of a path, or names in a query, that do something to what stands beside them: `/posts/4/like`.
static VERBS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?x) ^(?: (?: add | remove | update | toggle | (?:up|down)?vote | (?:un)?like | (?:un)?follow | (?:un)?subscribe | submit
        | send | report | flag | rate | bookmark | insert | ychwanegu | pleidleisio | hinzuf(?:ü|ue)gen | abstimmen | añadir
        | anadir | agregar | votar | ajouter | voter | aggiungi | vota | toevoegen | stemmen | dodaj | głosuj | glosuj | adicionar )
        (?:\.\w{2,5})? | (?: add | remove | toggle | (?:up|down)vote | unfollow ) [-_] .+ )$",
    )
});

/// Names in the query of an address about consent that stand for a purpose, or for what is to be done with it.
static PURPOSES: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?x) ^(?: set | save | choice | choose | consents? | cookies? | cwcis? | analytics? | ads? | advert\w* | marketing | statisti\w*
        | track\w* | performance | functional | preferences? | grant\w* | level | value | opt(?:[-_]?(?:in|out))? | all | everything
        | targeting | personali\w* | social | gosod | dewis | caniat[aá]u | dadansoddi | marchnata | hysbysebu | setzen | wahl | auswahl
        | choix | seleccion | eleccion | scelta | keuze | wybor | escolha )$",
    )
});
/// Values that choose.
static CHOSEN: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?x) ^(?: 0 | 1 | on | off | yes | no | y | n | true | false | all | none | any | every | everything | allow\w* | den(?:y|ied) | grant\w*
        | accept\w* | reject\w* | enable\w* | disable\w* | opt-?(?:in|out) | necessary | essential | pob-?un | dim | oes | nac-?oes | ie | na
        | alle | keine | ja | nein | tout | tous | aucun | oui | non | todas? | todos? | ninguna | si | sí | tutti | nessuno | nee | tak | nie
        | sim | não )$",
    )
});

/// Names in a query whose value is what the server shall do.
const COMMANDS: &[&str] = &["action", "do", "cmd", "command", "act", "op", "task"];
/// Such values that only show something.
const SHOWING: &[&str] =
    &["view", "show", "list", "display", "read", "open", "page", "search", "index"];

/// Beginnings of parts of an address that is about consent: what is updated or submitted there is a choice, or a notice.
static ABOUT_CHOICE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^(?:(?:my|our|the|set|save|accept|reject|manage)[-_])?(?:cookies?|cwcis?|consents?|privacy|preifatrwydd|gdpr|datenschutz|tracking)(?:$|[-_.])",
    )
});

/// What else than a choice about cookies people take back, in a text or a path.
static OTHER_MATTERS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?ix) \b(?: applications? | records? | medical | health | patients? | shar(?:e|ed|ing) | claims? | complaints? | statements? | memberships?
        | appeals? | treatments? | stud(?:y|ies) | research | trials? | photos? | images? | newsletters? | orders? | donations?
        | bookings? | referrals? | enrolments? | petitions? | tenders? | bids? | adoption | surgery | school | child(?:ren)?
        | cais | cofnod(?:ion)? | cwyn | hawliad | datganiad | aelodaeth | rhannu | antr[aä]g | bewerbung | beschwerde | mitgliedschaft
        | demande | candidature | plainte | dossier | adhésion | solicitud | queja | reclamación | domanda | reclamo | aanvraag
        | klacht | lidmaatschap | wniosek | skarg[aię] | pedido | candidatura | queixa )\b",
    )
});

/// What somebody agrees to, as the end of a label says.
static AGREED_TO: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)\b(?:consent|agreement|permission|acceptance) (?:to|for|of) (.+)$")
});

/// What a website asks consent for.
static OF_A_WEBSITE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)cookie|cwci|track|analytic|advert|\bads?\b|marketing|device|browser|website|this site|storage|technolog|measure|statistic|personali|processing|all\b",
    )
});

/// Names in a query that say which thing of many is meant.
static IDENTIFIES: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)^(?:.*[-_])?(?:id|ref|reference|case|number|no|token|key)$|[a-z]Id$")
});

/// What is no page to look at next, although opening it does no harm.
static NO_PAGE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?ix) \b(?: mewngofnodi | cofrestru | basged | rhannu | anmelden | einloggen | warenkorb | connexion | panier | carrito | carrello
        | winkelwagen | koszyk | carrinho | inloggen | log[\s_-]?in | sign[\s_-]?(?:in|up) | hide | leave | delete | remove | cancel | basket | cart | pay
        | donate | add | vote | download | print | share | feed | rss | api )\b",
    )
});

static COOKIES: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)cookie|cwci|briwsion|galletas|ciastecz"));

fn regex(pattern: &str) -> Regex {
    #[allow(clippy::expect_used, reason = "the patterns are fixed and tests use them")]
    Regex::new(pattern).expect("a valid pattern")
}

/// Ends of paths that are no pages.
const FILES: &[&str] = &[
    ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".zip", ".csv", ".xml", ".ics",
    ".jpg", ".jpeg", ".png", ".gif", ".svg", ".webp", ".mp3", ".mp4", ".txt", ".json", ".odt",
];

/// Whether a text speaks of cookies by name.
pub(super) fn is_about_cookies(text: &str) -> bool {
    COOKIES.is_match(text)
}

/// What following a link does besides showing a page, by its text and its address; `None` if nothing is known to.
pub(super) fn deed(words: &Words, text: &str, url: &Url) -> Option<Deed> {
    let by_address = deed_of_address(words, url);
    let is_notice = words.is_notice_link(text);
    // An address that acts does so under any label, such as that of a choice.
    if acts_by_text(words, text) || by_address == Some(Deed::Acts) {
        return Some(Deed::Acts);
    }
    let chosen = words.meaning(text).filter(|it| !is_notice && *it != Meaning::Settings);
    let deed = match chosen.map(Deed::Chooses).or(by_address) {
        None if !is_notice && does_something(url) => Some(Deed::Acts),
        deed => deed,
    };
    let takes_back = deed == Some(Deed::Chooses(Meaning::Withdraw));
    if takes_back && is_other_matter(text, Some(url)) { Some(Deed::Acts) } else { deed }
}

/// Whether a control that takes consent back is, by its text and its address, about something other than cookies.
pub(super) fn is_other_matter(text: &str, url: Option<&Url>) -> bool {
    if COOKIES.is_match(text) {
        return false;
    }
    let agreed = AGREED_TO.captures(text.trim()).and_then(|it| it.get(1));
    if OTHER_MATTERS.is_match(text) || agreed.is_some_and(|it| !OF_A_WEBSITE.is_match(it.as_str()))
    {
        return true;
    }
    let Some(url) = url else { return false };
    let path = percent_decoded(url.path());
    if COOKIES.is_match(&path) {
        return false;
    }
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    OTHER_MATTERS.is_match(&path.replace(['-', '_', '/', '.', '+'], " "))
        || path.split('/').any(is_number)
        || url.query_pairs().any(|(name, _)| IDENTIFIES.is_match(&name))
}

/// Whether following a link that says `text` ends the visit or the session, changes an account, or buys.
pub(super) fn acts_by_text(words: &Words, text: &str) -> bool {
    let plain = text.trim().to_lowercase();
    words.is_act(text) || BUYS_FIRST.is_match(&plain) || BUYS_ANYWHERE.is_match(&plain)
}

/// The same by the address alone.
pub(super) fn deed_of_address(words: &Words, url: &Url) -> Option<Deed> {
    let mut parts: Vec<String> = url
        .path_segments()
        .into_iter()
        .flatten()
        .map(|it| percent_decoded(it).to_lowercase())
        .collect();
    // What a path means often takes several of its parts: `/account/close`.
    let whole = parts.join(" ");
    for (name, value) in url.query_pairs() {
        parts.extend([name.to_lowercase(), value.to_lowercase()]);
    }
    let spaced = |text: &str| text.replace(['-', '_', '.', '+', '/'], " ");
    let has = |pattern: &Regex| parts.iter().any(|it| pattern.is_match(it));
    if words.is_act(&spaced(&whole)) || (has(&BASKETS) && has(&VERBS)) {
        return Some(Deed::Acts);
    }
    let by_part = parts.iter().find_map(|part| {
        let text = spaced(part);
        if ADDRESS_ACTS.is_match(part) || words.is_act(&text) || buys(part) {
            return Some(Deed::Acts);
        }
        // Shorter parts are languages and countries: `/no/`, `/ie/`.
        let meaning = words.meaning(&text).filter(|_| part.len() > 3)?;
        let chooses = matches!(
            meaning,
            Meaning::Accept | Meaning::Reject | Meaning::Save | Meaning::Withdraw
        );
        chooses.then_some(Deed::Chooses(meaning))
    });
    // What is set to what, under a name that says no more.
    let sets = |(name, value): (Cow<'_, str>, Cow<'_, str>)| {
        PURPOSES.is_match(&name.to_lowercase()) && CHOSEN.is_match(&value.to_lowercase())
    };
    let is_about_choice = parts.iter().any(|it| ABOUT_CHOICE.is_match(it));
    by_part.or_else(|| {
        (is_about_choice && url.query_pairs().any(sets)).then_some(Deed::Chooses(Meaning::Save))
    })
}

/// Whether an address names, in so many words, something that the server shall do to a thing, and not to a choice about
/// cookies: `/recipes/4/vote`, `/index.php?action=send`. A link that names a notice may still lead to one.
fn does_something(url: &Url) -> bool {
    let parts: Vec<String> = url
        .path_segments()
        .into_iter()
        .flatten()
        .map(|it| percent_decoded(it).to_lowercase())
        .filter(|it| !it.is_empty())
        .collect();
    if parts.iter().any(|it| ABOUT_CHOICE.is_match(it)) {
        return false;
    }
    let has_object = parts.len() > 1 || url.query().is_some();
    let by_path = |part: &String| VERBS.is_match(part) && (has_object || part.contains("vote"));
    let in_wish_list = parts.iter().rev().skip(1).any(|it| BASKETS.is_match(it));
    let by_query = url.query_pairs().any(|(name, value)| {
        let (name, value) = (name.to_lowercase(), value.to_lowercase());
        let commands = COMMANDS.contains(&name.as_str())
            && !value.is_empty()
            && !SHOWING.contains(&value.as_str())
            && !ABOUT_CHOICE.is_match(&value);
        commands || VERBS.is_match(&name)
    });
    in_wish_list || by_query || parts.iter().any(by_path)
}

/// Whether a part of an address is a word for buying or giving.
fn buys(part: &str) -> bool {
    let alone = part.split(['-', '_', '.']).next().unwrap_or_default();
    // A part that goes on after `order` or `give` is more often a title: `/order-of-service`, `/give-blood`.
    BUYS_ANYWHERE.is_match(alone) || (alone == part && BUYS_FIRST.is_match(part))
}

/// The links that do nothing but show a page, as far as their texts and addresses tell.
pub(super) fn that_only_show(words: &Words, base: &Url, links: &[PageLink]) -> Vec<PageLink> {
    let only_shows = |link: &&PageLink| {
        let url = base.join(link.href.trim());
        url.is_ok_and(|url| deed(words, &link.text, &url).is_none())
    };
    links.iter().filter(only_shows).cloned().collect()
}

/// Whether two addresses are of different pages.
pub(super) fn differs(url: &Url, other: &Url) -> bool {
    let page = |url: &Url| (url.host_str().map(str::to_owned), url.path().to_owned());
    page(url) != page(other)
}

/// A page of the same host that a visitor could go to next.
pub(super) fn second_page(target: &Url, links: &[PageLink], words: &Words) -> Option<Url> {
    pages(target, links)
        .filter(|(url, text)| !words.is_notice_link(text) && deed(words, text, url).is_none())
        .map(|(url, _)| url)
        // What is near the start page is more likely to look like it.
        .min_by_key(|url| (url.query().is_some(), url.path().matches('/').count()))
}

/// Pages of the same site that speak of cookies by their link, and may hold a control that takes consent back: best first.
pub(super) fn cookies_pages(target: &Url, links: &[PageLink], words: &Words) -> Vec<Url> {
    let may_be_opened = |url: &Url, text: &str| {
        // To take consent back is what they are opened for.
        matches!(deed(words, text, url), None | Some(Deed::Chooses(Meaning::Withdraw)))
    };
    let mut pages: Vec<(bool, Url)> = pages(target, links)
        .filter(|(_, text)| words.is_notice_link(text) || words.meaning(text).is_some())
        .filter(|(url, text)| may_be_opened(url, text))
        .map(|(url, text)| {
            let cookies = COOKIES.is_match(&text) || COOKIES.is_match(url.path());
            (!cookies, url)
        })
        .collect();
    pages.sort_by_key(|(other, _)| *other);
    let mut urls: Vec<Url> = Vec::new();
    for (_, url) in pages {
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    urls
}

/// Links to other pages of the target's host.
fn pages<'a>(target: &'a Url, links: &'a [PageLink]) -> impl Iterator<Item = (Url, String)> + 'a {
    links.iter().filter_map(|link| {
        let mut url = Url::parse(&link.href).ok()?;
        url.set_fragment(None);
        let same = url.scheme().starts_with("http")
            && site::of_url(&url) == site::of_url(target)
            && url.host_str() == target.host_str();
        let path = url.path().to_lowercase();
        let no_page = NO_PAGE.is_match(&link.text)
            || NO_PAGE.is_match(&path.replace(['/', '_', '-'], " "))
            || url.query().is_some_and(|query| NO_PAGE.is_match(query));
        let file = FILES.iter().any(|end| path.ends_with(end));
        (same && !no_page && !file && differs(&url, target)).then(|| (url, link.text.clone()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(text: &str, href: &str) -> PageLink {
        PageLink { text: text.to_owned(), href: href.to_owned() }
    }

    fn of(text: &str, path: &str) -> Option<Deed> {
        let base = Url::parse("https://www.shop.test/").unwrap();
        deed(&Words::all(), text, &base.join(path).unwrap())
    }

    #[test]
    fn links_that_act_are_known_by_their_text_in_every_language() {
        for text in [
            "Log out",
            "Sign off",
            "Leave this site",
            "Leave quickly and reject cookies",
            "Quick exit",
            "Delete my account",
            "Buy it now",
            "Allgofnodi",
            "Gadael y wefan",
            "Dileu fy nghyfrif a gadael",
            "Abmelden",
            "Konto löschen",
            "Jetzt kaufen",
            "Cerrar sesión",
            "Eliminar mi cuenta",
            "Se déconnecter",
            "Supprimer mon compte",
            "Ajouter au panier",
            "Esci",
            "Elimina l'account",
            "Uitloggen",
            "Account verwijderen",
            "Wyloguj się",
            "Usuń konto",
            "Prynu bocs cwcis",
            "Archebu lle",
            "Talu'r dreth",
            "Rhoi rhodd",
            "Buy a box of cookies",
            "Donate to us",
            "Cookies kaufen",
            "Acheter des cookies",
            "Comprar galletas",
            "Kup ciasteczka",
            "Terminar sessão",
            "Apagar a minha conta",
        ] {
            assert_eq!(of(text, "/somewhere"), Some(Deed::Acts), "{text}");
        }
    }

    #[test]
    fn a_query_that_sets_purposes_chooses_under_any_label() {
        for path in [
            "/cookies?set=all",
            "/set-cookies?analytics=on",
            "/cookie-policy?grant=1",
            "/?cookies=accept",
            "/privacy/?marketing=no",
            "/cwcis?gosod=pob-un",
            "/datenschutz?wahl=alle",
        ] {
            assert!(matches!(of("Cookie policy", path), Some(Deed::Chooses(_))), "{path}");
        }
        for path in [
            "/cookies?lang=cy",
            "/cookies?page_id=1",
            "/?page=cookies",
            "/privacy?print=yes",
            "/shop?all=1",
        ] {
            assert_eq!(of("Cookie policy", path), None, "{path}");
        }
    }

    #[test]
    fn links_that_act_are_known_by_their_address_whatever_they_say() {
        for path in [
            "/signoff",
            "/cy/preifatrwydd/tanysgrifio",
            "/newsletter/confirm?token=1",
            "/account/close?yes=1",
            "/account/deactivate?confirm=1",
            "/quit-now",
            "/session/end",
            "/logout.php",
            "/index.php?action=logout",
            "/user/delete",
            "/cart/checkout",
            "/item/7/remove",
            "/exit",
            "/cyfrif/dileu",
            "/konto/l%C3%B6schen",
            "/mi-cuenta/eliminar",
            "/siop/prynu/bocs-cwcis",
            "/talu",
            "/tienda/comprar/galletas",
            "/sklep/zam%C3%B3w",
            "/cy/allgofnodi",
            "/order",
            "/de/abmelden",
            "/mi-cuenta/cerrar-sesion",
        ] {
            for text in ["Cookie policy", "Reject all cookies", "About us"] {
                assert_eq!(of(text, path), Some(Deed::Acts), "{text} {path}");
            }
        }
    }

    #[test]
    fn links_that_change_something_are_known_by_what_they_do_to_it() {
        for (text, path) in [
            ("Put two ginger cookies in your basket", "/x"),
            ("Add the whole tin to my wish list", "/x"),
            ("Ychwanegu bisged at eich basged", "/x"),
            ("Ajouter dix cookies au panier", "/x"),
            ("Dodaj dwa ciasteczka do koszyka", "/x"),
            ("Cookies", "/cart/add/12"),
            ("Cookie policy", "/wishlist?add=5"),
            ("Cookies", "/?add-to-cart=5"),
            ("Our best cookie", "/vote?for=cookie"),
            ("I like this cookie", "/recipes/4/like"),
            ("Cookie of the month", "/index.php?do=subscribe&list=cookie"),
            ("Tell us of a bad cookie", "/comments/9/report"),
            ("Ginger cookie", "/wishlist/ginger-cookie"),
        ] {
            assert_eq!(of(text, path), Some(Deed::Acts), "{text} {path}");
        }
        for (text, path) in [
            ("Cookies", "/index.php?action=cookies"),
            ("Cookie policy", "/index.php?do=document&name=c"),
            ("How we use tracking", "/privacy/report"),
            ("Report on cookies", "/report"),
            ("Our cookie report", "/cookies/report"),
            ("Recipes", "/index.php?action=view&name=cookie"),
        ] {
            assert_eq!(of(text, path), None, "{text} {path}");
        }
        let reject = Some(Deed::Chooses(Meaning::Reject));
        assert_eq!(of("Reject all cookies", "/set?action=update"), reject);
    }

    #[test]
    fn only_consent_to_what_a_website_does_is_taken_back() {
        let withdraw = Some(Deed::Chooses(Meaning::Withdraw));
        for (text, path, deed) in [
            ("Withdraw consent", "/consent/withdraw", withdraw),
            ("Withdraw consent to analytics", "/x", withdraw),
            ("Withdraw my cookie consent", "/choice?id=7", withdraw),
            ("Withdraw consent", "/cookies/off?id=7", withdraw),
            ("Withdraw consent to the operation", "/x", Some(Deed::Acts)),
            ("Revoke my permission for visits", "/x", Some(Deed::Acts)),
            ("Withdraw consent", "/claims/withdraw", Some(Deed::Acts)),
            ("Withdraw consent", "/forms/31/withdraw", Some(Deed::Acts)),
            ("Withdraw consent", "/withdraw?form_id=31", Some(Deed::Acts)),
        ] {
            assert_eq!(of(text, path), deed, "{text} {path}");
        }
    }

    #[test]
    fn a_link_that_chooses_is_known_by_text_and_address() {
        for (text, path, meaning) in [
            ("Accept analytics cookies", "/c/1", Meaning::Accept),
            ("Reject all cookies", "/c/2", Meaning::Reject),
            ("Gwrthod cwcis ychwanegol", "/c/3", Meaning::Reject),
            ("Cookies", "/cookies/accept", Meaning::Accept),
            ("Cookie policy", "/cookies/reject-all", Meaning::Reject),
            ("Cookies", "/?cookies=accept", Meaning::Accept),
        ] {
            assert_eq!(of(text, path), Some(Deed::Chooses(meaning)), "{text} {path}");
        }
    }

    #[test]
    fn notices_and_other_pages_do_nothing_but_show_themselves() {
        for (text, path) in [
            ("Cookies", "/cookies"),
            ("Cookie policy", "/help/cookie-details"),
            ("Cookie settings", "/cookies/settings"),
            ("How to delete or control cookies", "/help/delete-cookies"),
            ("Check out our cookie policy", "/policies/cookies?lang=no"),
            ("Privacy", "/no/privacy"),
            ("Preifatrwydd", "/cy/preifatrwydd"),
            ("So löschen Sie Cookies", "/hilfe/cookies"),
            ("Read more about how we use cookies", "/legal"),
            ("Polisi cwcis", "/polisi-cwcis"),
            ("Brexit and you", "/brexit"),
            ("How we order our pages", "/order-of-pages"),
            ("Cookies and payments", "/help/payments-and-cookies"),
            ("Giving and getting cookies", "/give-and-take/cookies"),
            ("Cwcis a thaliadau", "/cwcis"),
        ] {
            assert_eq!(of(text, path), None, "{text} {path}");
        }
    }

    #[test]
    fn a_second_page_does_nothing_but_show_itself() {
        let target = Url::parse("https://www.shop.test/").unwrap();
        let links = [
            link("Log out", "https://www.shop.test/logout"),
            link("Leave this site", "https://www.shop.test/go"),
            link("Us", "https://www.shop.test/quit"),
            link("Hide", "https://www.bbc.co.uk/weather"),
            link("Leaflet", "https://www.shop.test/leaflet.pdf"),
            link("Cookies", "https://www.shop.test/cookies"),
            link("Reject cookies", "https://www.shop.test/no-cookies"),
            link("Home", "https://www.shop.test/#top"),
            link("Our help", "https://www.shop.test/help/us"),
            link("About", "https://www.shop.test/about"),
        ];
        let words = Words::all();
        let found = second_page(&target, &links, &words).unwrap();
        assert_eq!(found.path(), "/about");
        let cookies = cookies_pages(&target, &links, &words);
        assert_eq!(cookies.len(), 1);
        assert_eq!(cookies[0].path(), "/cookies");
    }
}
