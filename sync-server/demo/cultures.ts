// Common given and family names of many scripts; which two meet is chance. Data alone, read by names.ts:
// a name outside Latin stands as `native=ascii`, an underscore is a space within a name.

export interface Culture {
  weight: number
  /** Country code of its telephone numbers. */
  phone: string
  given: string
  family: string
}

export const CULTURES: readonly Culture[] = [
  {
    weight: 16,
    phone: '+47',
    given:
      'Ingrid Astrid Øyvind Håkon Solveig Bjørn Marit Sindre Åse Torbjørn Ragnhild Eirik Kjersti Magnus Sigrid Jørgen Tuva Lars Guro Pål',
    family:
      'Hansen Solberg Bakke Ødegård Lie Haugen Nygård Strand Moen Bråten Dahl Sæther Fossum Kvåle Rønning Tveit Myhre Aas Grønli Vik',
  },
  {
    weight: 7,
    phone: '+46',
    given: 'Hanna Åsa Linnéa Göran Björn Märta Elin Oskar Viktor Maja Nils Saga Axel Ebba Håkan',
    family:
      'Lindqvist Åkesson Sjöberg Öberg Nyström Hedlund Bergström Wallin Ekström Forsberg Sandström Lundgren Holmgren Norén',
  },
  {
    weight: 6,
    phone: '+45',
    given: 'Freja Søren Mette Jørgen Rasmus Signe Anders Karoline Mikkel Bodil Aksel Sofie Bjarke',
    family:
      'Mikkelsen Sørensen Kjær Østergaard Bruun Lauridsen Højgaard Møller Skov Thygesen Vestergaard Toft Nørgaard',
  },
  {
    weight: 4,
    phone: '+358',
    given: 'Aino Väinö Päivi Jyrki Sampo Tuuli Eetu Helmi Onni Säde Mikko Kaisa',
    family: 'Virtanen Mäkinen Hämäläinen Korhonen Jääskeläinen Lehtonen Niemelä Rantanen Salminen Töyrylä',
  },
  {
    weight: 8,
    phone: '+49',
    given: 'Jürgen Käthe Lukas Anneliese Jörg Friederike Matthias Sabine Götz Ursula Tobias Lena Moritz Heike',
    family: 'Müller Schäfer Weiß Krüger Köhler Bäcker Vogt Lindemann Größing Hofstätter Brandt Kühn Jäger Richter',
  },
  {
    weight: 7,
    phone: '+33',
    given: 'Anaïs Zoé Jérôme Chloé François Hélène Benoît Maëlys Étienne Noémie Loïc Aurélie Théo Inès',
    family: 'Lefèvre Dubois Garçon Béranger Lacroix Mercier Gauthier Roché Chevalier Lemaître Fontaine Aubry Renaud',
  },
  {
    weight: 7,
    phone: '+34',
    given: 'Mateo Camila Joaquín Lucía Íñigo Begoña Andrés Sofía Julián Inés Martín Noemí Álvaro Ximena',
    family: 'Fernández Rojas Herrera Muñoz Ibáñez Núñez Gutiérrez Castaño Peña Vázquez Domínguez Quiñones Sáez',
  },
  {
    weight: 6,
    phone: '+55',
    given: 'Tomás Beatriz João Conceição Victor Mônica Luís Antônia Estevão Letícia Caio Íris Otávio',
    family: 'Oliveira Almeida Gonçalves Araújo Simões Magalhães Conceição Brandão Teixeira Moraes Falcão',
  },
  {
    weight: 5,
    phone: '+39',
    given: 'Chiara Niccolò Ginevra Matteo Beatrice Tommaso Alessia Davide Noemi Gaia Lorenzo',
    family: 'Bellini Ferrari Colombo Marchetti D’Angelo Rinaldi Santoro Fabbri Pellegrini Caruso Lo_Presti',
  },
  {
    weight: 5,
    phone: '+31',
    given: 'Rutger Noor Sanne Joris Femke Daniël Zoë Thijs Lotte Maarten Renée',
    family: 'Visser van_den_Berg de_Vries Jansen van_Dijk Bakker ten_Have Smit Kuipers van_der_Meer',
  },
  {
    weight: 5,
    phone: '+48',
    given: 'Łukasz Małgorzata Paweł Zofia Grażyna Michał Józef Świętosława Bartłomiej Kasia',
    family: 'Wójcik Nowak Kowalczyk Mazur Krawczyk Zając Gołąb Dudek Wróbel Śmigiel Kaźmierczak',
  },
  {
    weight: 4,
    phone: '+420',
    given: 'Jiří Zdeněk Ondřej Tomáš Václav Lukáš Řehoř Matěj',
    family: 'Novák Dvořák Svoboda Procházka Kučera Veselý Horák Němec Růžička Kříž',
  },
  {
    weight: 4,
    phone: '+90',
    given: 'Yusuf Zeynep Elif Çağla İlker Gülşen Oğuz Şebnem Emre Ayşe',
    family: 'Demir Aydın Şahin Öztürk Yıldız Çelik Koç Güneş Doğan Kılıç',
  },
  {
    weight: 4,
    phone: '+84',
    given: 'Linh Anh Hương Tuấn Ngọc Minh Thảo Đức Phương Quỳnh',
    family: 'Nguyễn Trần Lê Phạm Huỳnh Võ Đặng Bùi Đỗ Hồ',
  },
  {
    weight: 7,
    phone: '+44',
    given: 'Saoirse Owen Priya Callum Niamh Harriet Ewan Seán Imogen Rhys Róisín Duncan',
    family: 'Ní_Bhriain O’Connor Whitfield Hargreaves Llewellyn MacLeod Ashworth Pemberton Fairclough Ó_Súilleabháin',
  },
  {
    weight: 7,
    phone: '+1',
    given: 'Grace Daniel Maya Andre Renée Marcus Hazel José Tyler Naomi Zora Elliot',
    family: 'Whitaker Calloway Brooks Delgado Sutherland Reyes Winslow Peltier Ortega Freeman Hollis',
  },
  {
    weight: 6,
    phone: '+234',
    given: 'Amara Kwame Oluwaseun Chidi Thabo Adaeze Ngozi Sipho Abena Tendai Wanjiru Zanele',
    family: 'Okafor Mensah Adeyemi Nkosi Eze Osei Balogun Diallo Mwangi Dlamini Achterberg Nwosu',
  },
  {
    weight: 4,
    phone: '+62',
    given: 'Siti Dewi Budi Putri Agus Rizky Wulan Aroha Bayu',
    family: 'Rahmawati Santoso Wijaya Lestari Nugroho Halim Pratama Kusuma',
  },
  {
    weight: 4,
    phone: '+30',
    given:
      'Ελένη=eleni Γιώργος=giorgos Κατερίνα=katerina Νίκος=nikos Σοφία=sofia Δημήτρης=dimitris Αθηνά=athina Στέλιος=stelios',
    family:
      'Παππάς=pappas Γεωργίου=georgiou Νικολάου=nikolaou Οικονόμου=oikonomou Δημητρίου=dimitriou Αντωνίου=antoniou Λάμπρου=lamprou',
  },
  {
    weight: 5,
    phone: '+380',
    given:
      'Олена=olena Дмитро=dmytro Оксана=oksana Тарас=taras Соломія=solomiia Андрій=andrii Юлія=yuliia Богдан=bohdan Любов=liubov',
    family:
      'Коваленко=kovalenko Шевченко=shevchenko Бондаренко=bondarenko Ткаченко=tkachenko Мельник=melnyk Гончар=honchar Кравчук=kravchuk Поліщук=polishchuk',
  },
  {
    weight: 3,
    phone: '+381',
    given: 'Милица=milica Ђорђе=djordje Јелена=jelena Немања=nemanja Љубица=ljubica Стефан=stefan',
    family: 'Јовановић=jovanovic Петровић=petrovic Николић=nikolic Ђурић=djuric Марковић=markovic Живковић=zivkovic',
  },
  {
    weight: 7,
    phone: '+81',
    given: '健=ken 美咲=misaki 陽菜=hina 翔太=shota 葵=aoi 直樹=naoki 恵子=keiko 大輔=daisuke さくら=sakura 悠斗=yuto',
    family:
      '佐藤=sato 鈴木=suzuki 田中=tanaka 高橋=takahashi 渡辺=watanabe 伊藤=ito 山本=yamamoto 小林=kobayashi 中村=nakamura 齋藤=saito',
  },
  {
    weight: 5,
    phone: '+82',
    given: '민준=minjun 서연=seoyeon 지우=jiwoo 하은=haeun 도윤=doyun 수빈=subin 현우=hyunwoo 예진=yejin',
    family: '김=kim 이=lee 박=park 최=choi 정=jung 강=kang 조=cho 윤=yoon 장=jang',
  },
  {
    weight: 6,
    phone: '+86',
    given: '伟=wei 静=jing 秀英=xiuying 明=ming 丽娜=lina 浩然=haoran 雨桐=yutong 建国=jianguo 思远=siyuan',
    family: '陈=chen 王=wang 李=li 张=zhang 刘=liu 赵=zhao 欧阳=ouyang 周=zhou 吴=wu 徐=xu',
  },
  {
    weight: 4,
    phone: '+971',
    given: 'ليلى=leila يوسف=yousef فاطمة=fatima عمر=omar نور=noor خالد=khaled مريم=maryam سامي=sami',
    family: 'حداد=haddad المنصوري=almansoori خوري=khoury الحسن=alhassan ناصر=nasser العلي=alali زيدان=zidan',
  },
  {
    weight: 3,
    phone: '+972',
    given: 'נועה=noa איתי=itai תמר=tamar יונתן=yonatan שירה=shira אורי=uri מיכל=michal',
    family: 'כהן=cohen לוי=levi מזרחי=mizrahi פרידמן=friedman ביטון=biton שפירא=shapira',
  },
  {
    weight: 3,
    phone: '+66',
    given: 'สมชาย=somchai กนกวรรณ=kanokwan ปิติ=piti ณัฐพล=nattapon มาลี=malee อรุณ=arun',
    family: 'ศรีสุข=srisuk วงศ์ไทย=wongthai ใจดี=jaidee แสงทอง=saengthong บุญมี=boonmee',
  },
  {
    weight: 5,
    phone: '+91',
    given: 'अर्जुन=arjun प्रिया=priya सिद्धार्थ=siddharth अनन्या=ananya विक्रम=vikram दीपिका=deepika रोहन=rohan कविता=kavita',
    family: 'मेहता=mehta राव=rao शर्मा=sharma गुप्ता=gupta जोशी=joshi पटेल=patel अय्यर=iyer मिश्रा=mishra',
  },
]
