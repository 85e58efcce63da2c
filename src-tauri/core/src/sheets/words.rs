//! The headings that shops' lists have, in the languages their programs speak. Each is written as
//! [`fold`](super::columns::fold) leaves it: small letters and digits alone, without accents.
//!
//! Within a field the earlier word wins, so the plainest stand first and those of addresses and second numbers last.
//! A person's mobile stands before the landline, since it is the one they know their own code by.

use super::columns::Column;

/// The headings of each field.
#[rustfmt::skip]
pub(super) const WORDS: [(Column, &[&str]); 7] = [
    (Column::FirstName, &[
        "firstname", "givenname", "forename", "fname", "first", "customerfirstname", "contactfirstname", "nameofperson",
        "vorname", "rufname", "prenom", "nombredepila", "primernombre", "voornaam", "roepnaam",
        "primeironome", "nomeproprio", "imie", "imiona", "fornamn", "tilltalsnamn", "fornavn",
    ]),
    (Column::LastName, &[
        "lastname", "surname", "familyname", "lname", "last", "secondname", "customerlastname", "contactlastname",
        "nachname", "familienname", "zuname", "nomdefamille", "apellido", "apellidos", "primerapellido",
        "cognome", "achternaam", "familienaam", "sobrenome", "apelido", "apelidos", "ultimonome",
        "nazwisko", "efternamn", "etternavn", "efternavn",
    ]),
    (Column::Name, &[
        "fullname", "name", "customername", "clientname", "contactname", "personname", "membername", "guestname",
        "displayname", "customer", "client", "contact", "member", "referrer", "referrername", "yourname", "username",
        "kundenname", "vollstandigername", "namedeskunden", "kunde", "kundin", "mitglied",
        "nomcomplet", "nometprenom", "nomprenom", "prenometnom", "prenomnom", "nomduclient", "nom",
        "nombrecompleto", "nombreyapellidos", "nombreyapellido", "nombredelcliente", "nombre", "cliente",
        "nomecompleto", "nomeecognome", "nomecognome", "cognomeenome", "nominativo", "nomecliente", "nomedocliente", "nome",
        "volledigenaam", "klantnaam", "naam", "klant",
        "imieinazwisko", "nazwiskoiimie", "nazwaklienta", "nazwa", "klient",
        "fullstandigtnamn", "kundnamn", "namn", "kund", "navn",
    ]),
    (Column::Email, &[
        "email", "emailaddress", "emailid", "mail", "mailaddress", "customeremail", "customeremailaddress",
        "contactemail", "contactemailaddress", "clientemail", "primaryemail", "emailprimary", "useremail", "memberemail",
        "email1", "email1value", "emailaddress1", "youremail", "emails",
        "emailadresse", "mailadresse", "emailkunde", "kundenemail", "elektronischepost",
        "adresseemail", "adressemail", "adresseelectronique", "courriel", "courrierelectronique", "adressecourriel", "mel",
        "correo", "correoelectronico", "direcciondecorreo", "direcciondecorreoelectronico", "direccionemail", "correoe",
        "indirizzoemail", "indirizzodipostaelettronica", "postaelettronica", "indirizzomail",
        "emailadres", "mailadres", "emailklant",
        "enderecodeemail", "enderecoemail", "correioeletronico", "correioelectronico", "enderecodecorreioeletronico",
        "adresemail", "pocztaelektroniczna", "adrespocztyelektronicznej", "mejl", "adresemailowy",
        "epost", "epostadress", "mejladress", "epostadresse", "epostaddress",
        "billingemail", "shippingemail", "workemail", "personalemail", "homeemail", "emailaddresswork", "emailaddresshome",
    ]),
    (Column::Phone, &[
        "mobile", "mobilephone", "mobilenumber", "mobilephonenumber", "mobileno", "cell", "cellphone", "cellnumber",
        "cellphonenumber", "phonemobile", "smsphonenumber",
        "handy", "handynummer", "mobil", "mobiltelefon", "mobilnummer", "mobilfunk", "mobilfunknummer", "telefonmobil",
        "mobilrufnummer", "portable", "telephoneportable", "telportable", "telephonemobile", "telmobile", "numerodeportable",
        "movil", "telefonomovil", "celular", "telefonocelular", "numerodecelular", "numerodemovil",
        "cellulare", "telefonocellulare", "numerodicellulare", "numerocellulare",
        "mobiel", "mobielnummer", "mobieltelefoonnummer", "mobieletelefoon", "gsm", "gsmnummer",
        "telemovel", "telefonecelular", "numerodetelemovel",
        "telefonkomorkowy", "komorka", "numerkomorkowy", "numerkomorki", "komorkowy",
        "mobilnr", "mobiltelefonnummer",
        "phone", "phonenumber", "phoneno", "phonenr", "phonenum", "telephone", "telephonenumber", "telephoneno", "tel", "telno",
        "telnumber", "customerphone", "customerphonenumber", "contactphone", "contactnumber", "contactphonenumber",
        "clientphone", "primaryphone", "primaryphonenumber", "phoneprimary", "phone1", "phone1value", "phonenumber1", "yourphone",
        "userphone", "phones", "whatsapp", "whatsappnumber",
        "telefon", "telefonnummer", "telefonnr", "telnr", "rufnummer", "fon", "telefon1", "festnetz", "festnetznummer", "telefonprivat",
        "numerodetelephone", "ndetelephone", "notelephone", "numtelephone", "numerotelephone", "telephonefixe",
        "telefono", "numerodetelefono", "telefonofijo", "telefono1", "numerotelefono",
        "numeroditelefono", "recapitotelefonico", "telefonofisso",
        "telefoon", "telefoonnummer", "telefoonnr", "telefone", "numerodetelefone", "contacto", "contato",
        "numertelefonu", "nrtelefonu", "nrtel", "telefonnumer", "telefonkontaktowy",
        "telefonnumret", "tlf", "tlfnr", "tfn",
        "homephone", "phonehome", "workphone", "phonework", "businessphone", "telefongeschaftlich",
        "defaultaddressphone", "billingphone", "addressphone", "shippingphone",
    ]),
    (Column::Code, &[
        "referralcode", "referrercode", "refcode", "referral", "personalcode", "customercode", "invitecode", "invitationcode",
        "affiliatecode", "sharecode", "friendcode", "code", "promocode", "promotioncode", "couponcode", "vouchercode", "discountcode",
        "empfehlungscode", "empfehlungskode", "einladungscode", "werbecode", "gutscheincode", "rabattcode", "aktionscode",
        "codedeparrainage", "codeparrainage", "codeparrain", "codedinvitation", "codepromo", "codepromotionnel", "codederecommandation",
        "codigodereferido", "codigodereferidos", "codigodereferencia", "codigodeinvitacion", "codigodeamigo",
        "codigoreferido", "codigopromocional", "codigodedescuento", "codigo",
        "codicereferral", "codiceinvito", "codicediinvito", "codiceamico", "codicepromozionale", "codicesconto", "codicepromo", "codice",
        "verwijzingscode", "verwijscode", "doorverwijscode", "uitnodigingscode", "kortingscode", "actiecode",
        "codigodeindicacao", "codigodeconvite", "codigodedesconto", "codigoindicacao",
        "kodpolecajacy", "kodpolecenia", "kodzaproszenia", "kodrabatowy", "kodpromocyjny", "kod",
        "varvningskod", "tipskod", "rekommendationskod", "inbjudningskod", "vanvarvningskod", "rabattkod", "kampanjkod",
    ]),
    (Column::Link, &[
        "referrallink", "referralurl", "reflink", "refurl", "sharelink", "shareurl", "sharinglink", "invitelink", "inviteurl",
        "uniquelink", "personallink", "affiliatelink", "link", "url",
        "empfehlungslink", "einladungslink", "werbelink",
        "liendeparrainage", "lienparrainage", "liendinvitation", "lienderecommandation", "lien",
        "enlacedereferido", "enlacedereferencia", "enlacedeinvitacion", "enlace",
        "linkreferral", "linkdiinvito", "linkinvito",
        "verwijzingslink", "verwijslink", "uitnodigingslink",
        "linkdeindicacao", "linkdeconvite", "ligacao",
        "linkpolecajacy", "linkzaproszenia", "odnosnik",
        "varvningslank", "tipslank", "inbjudningslank", "lank",
    ]),
];

/// "Name" in languages that mean the family name by it when the first name has its own column: *Vorname, Name*.
pub(super) const NAME_BESIDE_FIRST_IS_LAST: [&str; 6] = ["name", "nom", "naam", "namn", "nazwa", "navn"];

/// First names in those languages.
pub(super) const FIRST_NAMES_BESIDE_NAME: [&str; 7] = ["vorname", "rufname", "prenom", "voornaam", "roepnaam", "imie", "fornamn"];

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::columns::fold;
    use super::*;

    #[test]
    fn every_word_is_folded_and_means_one_thing() {
        let mut seen = HashMap::new();
        for (field, words) in WORDS {
            for word in words {
                assert_eq!(fold(word), *word);
                assert_eq!(seen.insert(*word, field), None, "{word} stands twice");
            }
        }
    }
}
