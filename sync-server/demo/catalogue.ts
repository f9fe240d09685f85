// What the demo organisation is made of: its products, its groups and the people that a reader of the screens meets by name.
// Words and proportions only; the rows are made elsewhere.
import type { LimitChoice, Role, Status, Term } from '#shared/model.ts'

export const PRODUCTS = ['Sales Pro', 'Recruiter', 'Data API', 'Insights'] as const
export type ProductName = (typeof PRODUCTS)[number]

/** What the people of a group do: which products they have, how they are titled and how much they use. */
export interface Kind {
  products: readonly { name: ProductName; weight: number }[]
  titles: readonly string[]
  /** 1 is an average office. */
  appetite: number
}

const kinds = {
  sales: {
    products: [
      { name: 'Sales Pro', weight: 8 },
      { name: 'Insights', weight: 2 },
    ],
    titles: [
      'Account executive',
      'Account manager',
      'Sales development representative',
      'Regional sales lead',
      'Solutions consultant',
      'Key account director',
    ],
    appetite: 3,
  },
  talent: {
    products: [
      { name: 'Recruiter', weight: 9 },
      { name: 'Insights', weight: 1 },
    ],
    titles: ['Recruiter', 'Senior recruiter', 'Talent partner', 'Sourcer', 'Lead recruiter', 'Onboarding specialist'],
    appetite: 2,
  },
  data: {
    products: [
      { name: 'Data API', weight: 7 },
      { name: 'Insights', weight: 3 },
    ],
    titles: ['Data engineer', 'Analytics engineer', 'Data analyst', 'Platform engineer', 'Machine learning engineer'],
    appetite: 2.5,
  },
  field: {
    products: [
      { name: 'Insights', weight: 9 },
      { name: 'Recruiter', weight: 1 },
    ],
    titles: [
      'Research associate',
      'Field researcher',
      'Branch manager',
      'Office coordinator',
      'Customer adviser',
      'Operations specialist',
      'Logistics planner',
    ],
    appetite: 0.6,
  },
  office: {
    products: [
      { name: 'Insights', weight: 7 },
      { name: 'Sales Pro', weight: 1 },
      { name: 'Recruiter', weight: 2 },
    ],
    titles: [
      'Programme manager',
      'Business analyst',
      'Counsel',
      'Controller',
      'Marketing specialist',
      'Product manager',
      'Chief of staff',
    ],
    appetite: 1,
  },
} satisfies Record<string, Kind>

/** The kind of those that are in no group. */
export const UNGROUPED: Kind = kinds.office

interface GroupPlan {
  name: string
  /** Its share of the users; 0: nobody is in it. */
  weight: number
  kind: Kind
  member: LimitChoice | null
  /** Term of its pool, if it has one; how much is reckoned from what it uses. */
  pool: Term | null
  /** What share of the pool is used already; without it the pool is as large as its use suggests. */
  poolUsed?: number
}

const each = (credits: number | null, term: Term = 'month'): LimitChoice => ({ credits, term })

export const GROUPS: readonly GroupPlan[] = [
  { name: 'EMEA Sales', weight: 58, kind: kinds.sales, member: each(2_000), pool: 'month' },
  { name: 'Americas Sales', weight: 47, kind: kinds.sales, member: each(1_500), pool: null },
  { name: 'APAC Sales', weight: 33, kind: kinds.sales, member: each(2_000), pool: null },
  { name: 'Sales Development', weight: 64, kind: kinds.sales, member: each(800), pool: 'month', poolUsed: 0.96 },
  { name: 'Partner Alliances', weight: 38, kind: kinds.sales, member: each(3_000, 'quarter'), pool: null },
  { name: 'Public Sector', weight: 52, kind: kinds.sales, member: each(1_000), pool: 'year' },
  { name: 'Talent Acquisition', weight: 118, kind: kinds.talent, member: each(1_000), pool: 'quarter' },
  { name: 'Talent Sourcing Partners', weight: 46, kind: kinds.talent, member: each(0), pool: null },
  { name: 'People Operations', weight: 34, kind: kinds.talent, member: each(6_000, 'year'), pool: null },
  { name: 'Data Platform', weight: 42, kind: kinds.data, member: each(1_500), pool: null },
  { name: 'Market Intelligence', weight: 28, kind: kinds.data, member: each(9_000, 'contract'), pool: 'contract' },
  { name: 'Engineering Enablement', weight: 88, kind: kinds.data, member: null, pool: 'year' },
  { name: 'Customer Success', weight: 255, kind: kinds.office, member: each(1_000), pool: 'quarter' },
  { name: 'Marketing Operations', weight: 112, kind: kinds.office, member: each(1_000), pool: 'month' },
  { name: 'Product Management', weight: 44, kind: kinds.office, member: null, pool: null },
  { name: 'Finance & Controlling', weight: 61, kind: kinds.office, member: each(250), pool: null },
  { name: 'Legal & Compliance', weight: 23, kind: kinds.office, member: each(200), pool: null },
  { name: 'Executive Office', weight: 9, kind: kinds.office, member: each(null), pool: null },
  { name: 'Field Research', weight: 395, kind: kinds.field, member: null, pool: null },
  { name: 'Regional Offices', weight: 610, kind: kinds.field, member: null, pool: null },
  { name: 'Nordics Retail', weight: 132, kind: kinds.field, member: null, pool: null },
  { name: 'DACH Logistics', weight: 79, kind: kinds.field, member: null, pool: 'quarter' },
  { name: 'Iberia & LATAM Operations', weight: 72, kind: kinds.field, member: null, pool: null },
  { name: 'Summer Interns', weight: 0, kind: kinds.field, member: each(100), pool: 'month' },
]
/** The share of users that are in no group, in the unit of the groups' weights. */
export const UNGROUPED_WEIGHT = 96

/** Somebody with a fixed place in the demo; the first is who signs in. */
export interface Person {
  firstName: string
  lastName: string
  /** Local part of the address. */
  address: string
  product: ProductName
  group: string
  title: string
  role: Role
  status: Status
  /** Credits that they use in an average month. */
  pace: number
}

type Place = [...Parameters<typeof person>]
const people: readonly Place[] = [
  ['Ingrid', 'Solberg', 'ingrid.solberg', 'Insights', 'Executive Office', 'Head of operations', 60, 'admin'],
  ['Kwame', 'Mensah', 'kwame.mensah', 'Recruiter', 'Talent Acquisition', 'Director of talent', 640, 'admin'],
  ['Rutger', 'Visser', 'rutger.visser', 'Data API', 'Data Platform', 'Platform lead', 320, 'admin'],
  ['Mei', 'Tanaka', 'mei.tanaka', 'Insights', 'Customer Success', 'Customer operations lead', 150, 'admin'],
  ['Amina', 'Diallo', 'amina.diallo', 'Sales Pro', 'Americas Sales', 'Revenue operations manager', 420, 'admin'],
  ['Anaïs', 'Lefèvre', 'anais.lefevre', 'Insights', 'Customer Success', 'Finance partner', 380, 'viewer'],
  ['Amara', 'Okafor', 'amara.okafor', 'Sales Pro', 'EMEA Sales', 'Key account director', 1_450],
  ['Mateo', 'Fernández', 'mateo.fernandez', 'Sales Pro', 'Americas Sales', 'Regional sales lead', 1_280],
  ['健', '佐藤', 'ken.sato', 'Recruiter', 'APAC Sales', 'Senior recruiter', 1_150],
  ['Hanna', 'Lindqvist', 'hanna.lindqvist', 'Recruiter', 'EMEA Sales', 'Talent partner', 1_220],
  ['Yusuf', 'Demir', 'yusuf.demir', 'Data API', 'Data Platform', 'Data engineer', 1_080],
  ['Chiara', 'Bellini', 'chiara.bellini', 'Recruiter', 'EMEA Sales', 'Lead recruiter', 1_010],
  ['ليلى', 'حداد', 'leila.haddad', 'Recruiter', 'EMEA Sales', 'Sourcer', 900],
  ['Zeynep', 'Aydın', 'zeynep.aydin', 'Data API', 'Data Platform', 'Analytics engineer', 870],
  ['Camila', 'Rojas', 'camila.rojas', 'Recruiter', 'Americas Sales', 'Talent partner', 820],
  ['Victor', 'Almeida', 'victor.almeida', 'Sales Pro', 'Americas Sales', 'Account executive', 880],
  ['Saoirse', 'Ní Bhriain', 'saoirse.nibhriain', 'Insights', 'Marketing Operations', 'Marketing specialist', 610],
  ['Linh', 'Nguyễn', 'linh.nguyen', 'Insights', 'APAC Sales', 'Account manager', 590],
  ['Thabo', 'Nkosi', 'thabo.nkosi', 'Recruiter', 'Talent Acquisition', 'Recruiter', 500],
  ['Łukasz', 'Wójcik', 'lukasz.wojcik', 'Recruiter', 'EMEA Sales', 'Recruiter', 470],
  ['Noor', 'van den Berg', 'noor.vandenberg', 'Insights', 'Field Research', 'Field researcher', 240],
  ['Дмитро', 'Коваленко', 'dmytro.kovalenko', 'Insights', 'Regional Offices', 'Branch manager', 210],
  ['अर्जुन', 'मेहता', 'arjun.mehta', 'Insights', 'Customer Success', 'Business analyst', 190, 'viewer'],
  ['Peter', 'Novák', 'peter.novak', 'Recruiter', 'EMEA Sales', 'Account manager', 700, 'member', 'deactivated'],
  ['Tomás', 'Oliveira', 'tomas.oliveira', 'Data API', 'Data Platform', 'Data analyst', 260, 'member', 'deactivated'],
  ['Siti', 'Rahmawati', 'siti.rahmawati', 'Insights', 'APAC Sales', 'Account manager', 0, 'member', 'invited'],
  ['伟', '陈', 'wei.chen', 'Data API', 'Data Platform', 'Data engineer', 0, 'member', 'invited'],
]

export const PEOPLE: readonly Person[] = people.map((place) => person(...place))

function person(
  firstName: string,
  lastName: string,
  address: string,
  product: ProductName,
  group: string,
  title: string,
  pace: number,
  role: Role = 'member',
  status: Status = 'active',
): Person {
  return { firstName, lastName, address, product, group, title, pace, role, status }
}
